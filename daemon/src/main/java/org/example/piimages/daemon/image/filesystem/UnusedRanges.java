package org.example.piimages.daemon.image.filesystem;

import org.example.piimages.daemon.image.disk.Partition;

/** Joins adjacent pieces, which are reported in order, and cuts them off at the end of the partition. */
final class UnusedRanges {

    private final Partition partition;
    private final UnusedSpace.Visitor visitor;
    private long start;
    private long end;

    UnusedRanges(Partition partition, UnusedSpace.Visitor visitor) {
        this.partition = partition;
        this.visitor = visitor;
    }

    /**
     * Adds a piece.
     *
     * @param offset the offset from the beginning of the partition, not before the end of the previous piece
     * @param length the length in bytes
     */
    void add(long offset, long length) {
        if (offset != end) {
            end();
            start = offset;
        }
        end = offset + length;
    }

    /** Reports the current range. */
    void end() {
        long last = Math.min(end, partition.length());
        if (last > start) {
            visitor.visit(partition.start() + start, partition.start() + last);
        }
        start = end;
    }
}
