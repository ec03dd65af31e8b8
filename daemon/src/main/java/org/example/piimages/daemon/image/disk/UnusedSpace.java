package org.example.piimages.daemon.image.disk;

import java.util.Optional;

/**
 * What a filesystem does not use, by its own bitmaps or its table, read without the kernel and without tools: a disk's user may read the
 * disk only through the daemon, and what is on it is not for a tool that runs as root. ext2, ext3, ext4 and FAT are known.
 */
public final class UnusedSpace {

    /** Who is told of ranges. */
    @FunctionalInterface
    public interface Taker {
        /** Unused bytes: the offset of the first one in the source, and the one behind the last; in order, and no two adjoin. */
        void take(long start, long end);
    }

    private UnusedSpace() {
    }

    /**
     * Reports it.
     *
     * @param filesystem what {@link Filesystem#probe} found in the partition
     * @param taker what it was told is of no value when this does not return empty
     * @return why it cannot be told, in words that follow "because "; empty when all was told
     * @throws org.example.piimages.contract.Failure as {@link ByteSource#read}
     */
    public static Optional<String> report(ByteSource source, Partition partition, Filesystem filesystem, Taker taker) {
        if (!filesystem.fits(partition)) {
            return Optional.of("the filesystem is larger than the partition");
        }
        PartitionBytes bytes = new PartitionBytes(source, partition);
        UnusedRanges ranges = new UnusedRanges(partition, taker);
        Optional<String> reason = filesystem.extFeatures().isPresent() ? ExtBitmaps.report(bytes, filesystem, ranges)
                : filesystem.isFat() ? FatTable.report(bytes, ranges)
                        : Optional.of("the free space of " + filesystem.title() + " is not known");
        ranges.end();
        return reason;
    }
}
