package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The areas of an f2fs (struct f2fs_super_block in the kernel's include/linux/f2fs_fs.h), in blocks from the beginning of the filesystem.
 *
 * @param checkpoints the start of the two checkpoint packs, a segment each
 * @param table the start of the segment information table, which tells what is in use
 * @param tableSegments the number of segments of the table's two copies together
 * @param main the start of the main area, with files, directories and inodes
 * @param segments the number of segments of the main area
 */
record F2fsLayout(long checkpoints, long table, int tableSegments, long main, int segments) {

    static final int BLOCK = 4096;
    /** The number of blocks in a segment. */
    static final int SEGMENT = 512;
    /** The number of segments that a block of the table describes. */
    static final int PER_BLOCK = 55;
    private static final int ADDRESS = 1024;
    private static final int LENGTH = 3072;
    /** The number of segments of a 2 TB disk. */
    private static final int MAX_SEGMENTS = 1 << 20;
    /** The features of Linux up to 6.17, without those for zones, read-only filesystems, and device aliasing files. */
    private static final int KNOWN_FEATURES = 0x3FFD;
    private static final int DEVICES = 2201;
    private static final int DEVICE = 68;

    /** Reads the two superblocks; empty if they differ, are invalid, or have unknown features. */
    static Optional<F2fsLayout> of(PartitionBytes partition) {
        ByteBuffer block = partition.read(ADDRESS, LENGTH).orElseThrow();
        boolean isKnown = block.getInt(16) == 12 && block.getInt(20) == 9 && block.getInt(1664) == 0
                && (block.getInt(2180) & ~KNOWN_FEATURES) == 0 && block.get(DEVICES) == 0 && block.get(DEVICES + DEVICE) == 0;
        if (!isKnown || !partition.read(BLOCK + ADDRESS, LENGTH).filter(block::equals).isPresent()) {
            return Optional.empty();
        }
        F2fsLayout layout = new F2fsLayout(number(block, 76), number(block, 80), block.getInt(56), number(block, 92), block.getInt(68));
        return layout.isSane(block) ? Optional.of(layout) : Optional.empty();
    }

    /** Whether each area begins at the end of the previous one, and all sizes are plausible. */
    private boolean isSane(ByteBuffer block) {
        return segments > 0 && segments <= MAX_SEGMENTS && tableSegments > 0 && tableSegments % 2 == 0
                && segments <= (long) copyBlocks() * PER_BLOCK && number(block, 72) == checkpoints && number(block, 52) == 2
                && checkpoints + 2 * SEGMENT == table && table + (long) tableSegments * SEGMENT == number(block, 84)
                && number(block, 84) + number(block, 60) * SEGMENT == number(block, 88)
                && number(block, 88) + number(block, 64) * SEGMENT == main && main + (long) segments * SEGMENT <= block.getLong(36);
    }

    private static long number(ByteBuffer block, int at) {
        return Integer.toUnsignedLong(block.getInt(at));
    }

    /** The number of blocks of one copy of the table. */
    int copyBlocks() {
        return tableSegments / 2 * SEGMENT;
    }
}
