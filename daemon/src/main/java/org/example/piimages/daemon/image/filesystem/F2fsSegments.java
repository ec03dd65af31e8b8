package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The free blocks of an f2fs: those in use by no file or node, according to the segment table as of the newer checkpoint, and the changes
 * in that checkpoint. The numbers of used and free ones must match the checkpoint.
 */
final class F2fsSegments {

    private static final int CHANGES = 6;
    private static final int ENTRY = 74;
    private static final int MAP = 2;
    private static final int COUNT = 0x3FF;
    private static final int KIND_SHIFT = 10;
    private static final int FIRST_NODES = 3;
    private static final int KINDS = 6;
    /** The offset in a node of the version of the checkpoint before it. */
    private static final int NODE_VERSION = 4084;

    private final PartitionBytes partition;
    private final F2fsLayout layout;
    private final F2fsCheckpoint checkpoint;
    private final UnusedRanges ranges;
    /**
     * The block in which the kernel looks for nodes written after the checkpoint. It is never reported as unused, so that a restored copy
     * has the same content there.
     */
    private final long next;
    /** The entries that are newer than the table, by segment. */
    private final Map<Integer, ByteBuffer> changes = new HashMap<>();
    private long used;
    private long nodes;
    private int free;

    private F2fsSegments(PartitionBytes partition, F2fsLayout layout, F2fsCheckpoint checkpoint, UnusedRanges ranges) {
        this.partition = partition;
        this.layout = layout;
        this.checkpoint = checkpoint;
        this.ranges = ranges;
        this.next = checkpoint.next(layout);
    }

    /** Like {@link UnusedSpace#report}; the filesystem must lie in the partition. */
    static Optional<String> report(PartitionBytes partition, UnusedRanges ranges) {
        Optional<F2fsLayout> layout = F2fsLayout.of(partition);
        if (layout.isEmpty()) {
            return Optional.of("the layout of the filesystem is not supported");
        }
        return F2fsCheckpoint.of(partition, layout.get()).map(found -> new F2fsSegments(partition, layout.get(), found, ranges).report())
                .orElse(Optional.of("it has no checkpoint that is valid and supported"));
    }

    private Optional<String> report() {
        if (!checkpoint.isClean() || hasRollForwardNodes()) {
            return Optional.of("the filesystem was not unmounted cleanly");
        }
        boolean valid = checkpoint.hasVersions(layout) && readChanges();
        for (int number = 0; valid && number < layout.segments(); number += F2fsLayout.PER_BLOCK) {
            valid = readBlock(number);
        }
        // The checkpoint also counts blocks that are reserved for a file but not allocated yet.
        valid = valid && used <= checkpoint.used() && nodes == Integer.toUnsignedLong(checkpoint.nodes()) && free == checkpoint.free();
        return valid ? Optional.empty() : Optional.of("its segments contradict its checkpoint");
    }

    /** Whether a file was synchronized after the checkpoint: the kernel recovers it from its nodes when it mounts the filesystem. */
    private boolean hasRollForwardNodes() {
        return partition.read(next * F2fsLayout.BLOCK, F2fsLayout.BLOCK)
                .filter(node -> node.getInt(NODE_VERSION) != (int) checkpoint.version()).isEmpty();
    }

    private boolean readChanges() {
        ByteBuffer journal = partition.read(checkpoint.journal(), Short.BYTES + CHANGES * (Integer.BYTES + ENTRY)).orElse(null);
        int count = journal == null ? -1 : Short.toUnsignedInt(journal.getShort(0));
        for (int i = 0; i < Math.min(count, CHANGES); i++) {
            int at = Short.BYTES + i * (Integer.BYTES + ENTRY);
            int segment = journal.getInt(at);
            if (segment < 0 || segment >= layout.segments() || changes.put(segment, entry(journal, at + Integer.BYTES)) != null) {
                return false;
            }
        }
        return count >= 0 && count <= CHANGES;
    }

    private static ByteBuffer entry(ByteBuffer bytes, int at) {
        return bytes.slice(at, ENTRY).order(bytes.order());
    }

    /** Reads the block of the table that describes the segments from {@code first} on; false if an entry is invalid. */
    private boolean readBlock(int first) {
        int number = first / F2fsLayout.PER_BLOCK;
        long at = layout.table() + number + (checkpoint.isInSecondCopy(number) ? layout.copyBlocks() : 0);
        Optional<ByteBuffer> block = partition.read(at * F2fsLayout.BLOCK, F2fsLayout.BLOCK);
        boolean valid = block.isPresent();
        for (int i = 0; valid && i < F2fsLayout.PER_BLOCK && first + i < layout.segments(); i++) {
            ByteBuffer change = changes.get(first + i);
            valid = report(first + i, change == null ? entry(block.get(), i * ENTRY) : change);
        }
        return valid;
    }

    /** Reports the free blocks of a segment; false if its entry contradicts its bitmap. */
    private boolean report(int segment, ByteBuffer entry) {
        int word = Short.toUnsignedInt(entry.getShort(0));
        long start = layout.main() + (long) segment * F2fsLayout.SEGMENT;
        int counted = 0;
        for (int i = 0; i < F2fsLayout.SEGMENT; i++) {
            if ((entry.get(MAP + i / 8) & 0x80 >> i % 8) != 0) {
                counted++;
            } else if (start + i != next) {
                ranges.add((start + i) * F2fsLayout.BLOCK, F2fsLayout.BLOCK);
            }
        }
        used += counted;
        nodes += word >> KIND_SHIFT >= FIRST_NODES ? counted : 0;
        free += counted == 0 && !isCurrent(segment) ? 1 : 0;
        return counted == (word & COUNT) && word >> KIND_SHIFT < KINDS;
    }

    private boolean isCurrent(int segment) {
        for (int kind = 0; kind < KINDS; kind++) {
            if (checkpoint.current(kind) == segment) {
                return true;
            }
        }
        return false;
    }
}
