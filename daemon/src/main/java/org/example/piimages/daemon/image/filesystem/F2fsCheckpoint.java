package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The newer of the two checkpoints of an f2fs (struct f2fs_checkpoint in the kernel's include/linux/f2fs_fs.h).
 *
 * @param start the first block of its pack
 * @param blocks the number of blocks of the pack
 * @param block the content of the first block
 */
record F2fsCheckpoint(long start, int blocks, ByteBuffer block) {

    /** The initial value of the checksum: the filesystem's magic number. */
    private static final int SEED = 0xF2F52010;
    private static final int CHECKSUM = 4092;
    private static final int BITMAPS = 192;
    private static final int CLEAN = 0x1;
    private static final int COMPACT = 0x4;
    /** The other known flags: no orphans are left, the form of the checksum, hints at free nodes, and that free space was discarded. */
    private static final int KNOWN_FLAGS = CLEAN | COMPACT | 0x40 | 0x80 | 0x100 | 0x200;
    private static final int CURRENT = 3;
    private static final int WARM = 1;

    /** Returns the newer valid checkpoint; empty if there is none. */
    static Optional<F2fsCheckpoint> of(PartitionBytes partition, F2fsLayout layout) {
        Optional<F2fsCheckpoint> first = at(partition, layout.checkpoints());
        Optional<F2fsCheckpoint> second = at(partition, layout.checkpoints() + F2fsLayout.SEGMENT);
        boolean isSecond = first.isEmpty()
                || second.isPresent() && Long.compareUnsigned(second.get().version(), first.get().version()) > 0;
        return isSecond ? second : first;
    }

    /** Returns the checkpoint whose pack begins at {@code start}, if its first and last block have the same version. */
    private static Optional<F2fsCheckpoint> at(PartitionBytes partition, long start) {
        return block(partition, start).map(block -> new F2fsCheckpoint(start, block.getInt(136), block))
                .filter(found -> found.blocks >= 2 && found.blocks <= F2fsLayout.SEGMENT)
                .filter(found -> block(partition, start + found.blocks - 1).filter(last -> last.getLong(0) == found.version()).isPresent());
    }

    private static Optional<ByteBuffer> block(PartitionBytes partition, long number) {
        return partition.read(number * F2fsLayout.BLOCK, F2fsLayout.BLOCK)
                .filter(block -> block.getInt(164) == CHECKSUM && block.getInt(CHECKSUM) == checksum(block));
    }

    /** Computes CRC-32 with another initial value, which is equivalent to other first bytes, and without the final inversion. */
    private static int checksum(ByteBuffer block) {
        byte[] first = block.array().clone();
        ByteBuffer.wrap(first).order(block.order()).putInt(0, block.getInt(0) ^ ~SEED);
        CRC32 sum = new CRC32();
        sum.update(first, 0, CHECKSUM);
        return ~(int) sum.getValue();
    }

    long version() {
        return block.getLong(0);
    }

    /** Whether the filesystem was unmounted cleanly and needs no repair. */
    boolean isClean() {
        return (flags() & CLEAN) != 0 && (flags() & ~KNOWN_FLAGS) == 0;
    }

    private int flags() {
        return block.getInt(132);
    }

    /** Whether it has the version bitmap of a segment table of this size. */
    boolean hasVersions(F2fsLayout layout) {
        long nodes = Integer.toUnsignedLong(block.getInt(160));
        return block.getInt(156) == layout.copyBlocks() / 8 && BITMAPS + block.getInt(156) + nodes <= CHECKSUM;
    }

    /** Whether the second copy of a block of the segment table is the current one. */
    boolean isInSecondCopy(int number) {
        return (block.get(BITMAPS + number / 8) & 0x80 >> number % 8) != 0;
    }

    /**
     * The offset, in bytes, of the journal with changes that are not in the segment table yet: in the summary of the current segment of
     * cold data.
     */
    long journal() {
        return (flags() & COMPACT) != 0 ? (start + Integer.toUnsignedLong(block.getInt(140))) * F2fsLayout.BLOCK + 507
                : (start + blocks - 5) * F2fsLayout.BLOCK + 3584;
    }

    /** The current segment of a kind: 0 to 2 for nodes, 3 to 5 for data. */
    int current(int kind) {
        return kind < CURRENT ? block.getInt(36 + 4 * kind) : block.getInt(84 + 4 * (kind - CURRENT));
    }

    /** The block of the first node that was written after the checkpoint, if any was; the kernel looks there as well. */
    long next(F2fsLayout layout) {
        return layout.main() + Integer.toUnsignedLong(current(WARM)) * F2fsLayout.SEGMENT + Short.toUnsignedInt(block.getShort(70));
    }

    /** The number of segments that are empty and not current. */
    int free() {
        return block.getInt(32);
    }

    /** The number of blocks in use. */
    long used() {
        return block.getLong(16);
    }

    /** The number of nodes, each of which takes a block. */
    int nodes() {
        return block.getInt(144);
    }
}
