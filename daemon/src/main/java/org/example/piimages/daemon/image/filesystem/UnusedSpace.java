package org.example.piimages.daemon.image.filesystem;

import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The unused space of a filesystem according to its own bitmaps, tables or trees, read without the kernel and without tools: a disk's user
 * may read it only through the daemon, and untrusted data must not be processed by a tool that runs as root. Supported are ext2, ext3,
 * ext4, FAT, btrfs, f2fs and swap space.
 */
public final class UnusedSpace {

    /** Accepts unused ranges. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Accepts an unused range: the offsets in the source of its first byte and of the byte after its end. Ranges are in order, and no
         * two are adjacent.
         */
        void visit(long start, long end);
    }

    private static final int RAID_MAGIC = 0xA92B4EFC;
    private static final List<Long> RAID_SUPERBLOCKS = List.of(0L, 4096L);

    private UnusedSpace() {
    }

    /**
     * Whether the partition has a superblock of Linux software RAID, metadata 1.1 or 1.2 (linux/raid/md_p.h): creating one leaves the
     * previous content readable around it, a FAT in particular.
     */
    public static boolean isRaidMember(ByteSource source, Partition partition) {
        return isRaidMember(new PartitionBytes(source, partition));
    }

    private static boolean isRaidMember(PartitionBytes bytes) {
        return RAID_SUPERBLOCKS.stream().flatMap(at -> bytes.read(at, 2 * Integer.BYTES).stream())
                .anyMatch(block -> block.getInt(0) == RAID_MAGIC && block.getInt(Integer.BYTES) == 1);
    }

    /**
     * Reports the unused space.
     *
     * @param filesystem the filesystem that {@link Filesystem#probe} found in the partition
     * @param visitor accepts the ranges; they must be discarded unless this returns empty
     * @return the reason why the unused space is unknown, to follow "because "; empty if all of it was reported
     * @throws org.example.piimages.contract.Failure as {@link ByteSource#read}
     */
    public static Optional<String> report(ByteSource source, Partition partition, Filesystem filesystem, Visitor visitor) {
        if (!filesystem.fits(partition)) {
            return Optional.of("the filesystem is larger than the partition");
        }
        PartitionBytes bytes = new PartitionBytes(source, partition);
        if (isRaidMember(bytes)) {
            return Optional.of("it is part of a RAID");
        }
        if (Superblock.isAmbiguous(bytes)) {
            return Optional.of("it has the superblocks of two filesystems");
        }
        UnusedRanges ranges = new UnusedRanges(partition, visitor);
        Optional<String> reason = switch (filesystem.type()) {
            case "ext2", "ext3", "ext4" -> ExtBitmaps.report(bytes, filesystem, ranges);
            case "vfat" -> FatTable.report(bytes, ranges);
            case "btrfs" -> BtrfsSpace.report(bytes, ranges);
            case "f2fs" -> F2fsSegments.report(bytes, ranges);
            case "swap" -> SwapSpace.report(bytes, filesystem, ranges);
            default -> Optional.of("the free space of " + filesystem.title() + " is not known");
        };
        ranges.end();
        return reason;
    }
}
