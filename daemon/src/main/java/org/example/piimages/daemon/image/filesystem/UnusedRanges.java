package org.example.piimages.daemon.image.filesystem;

import org.example.piimages.daemon.image.disk.Partition;

/** Puts together what is reported piece by piece and in order; nothing of it leaves the partition. */
final class UnusedRanges {

    private final Partition partition;
    private final UnusedSpace.Taker taker;
    private long start;
    private long end;

    UnusedRanges(Partition partition, UnusedSpace.Taker taker) {
        this.partition = partition;
        this.taker = taker;
    }

    /** A piece: its offset from the beginning of the partition, not before the end of the one before it, and its length. */
    void add(long offset, long length) {
        if (offset != end) {
            end();
            start = offset;
        }
        end = offset + length;
    }

    /** There is no more. */
    void end() {
        long last = Math.min(end, partition.length());
        if (last > start) {
            taker.take(partition.start() + start, partition.start() + last);
        }
        start = end;
    }
}
