package org.example.piimages.daemon.image.care;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.RangeList;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.filesystem.UnusedSpace;
import org.example.piimages.daemon.image.table.PartitionTable;

/**
 * The parts of a disk that belong in a backup: everything except the space that its filesystems report as unused. Space outside of
 * partitions, and filesystems that are unknown or were not cleanly unmounted, are included completely.
 *
 * @param size the size of the disk, in bytes
 * @param partitions the partitions; empty if there is no valid partition table
 * @param unused the ranges that are left out, in ascending order
 * @param whole the partitions that are included completely, with the reasons
 */
public record CardContents(long size, List<Partition> partitions, List<ByteRange> unused, List<CopiedWhole> whole) {

    /**
     * A partition that is included completely.
     *
     * @param partition the partition number; 0 for the whole disk
     * @param reason the reason, worded to follow "because "
     */
    public record CopiedWhole(int partition, String reason) {
    }

    /**
     * Determines the contents of a disk. Throws no Failure: a disk or partition that is invalid or cannot be read is included completely.
     */
    public static CardContents of(ByteSource disk) {
        List<CopiedWhole> whole = new ArrayList<>();
        List<Partition> partitions = partitions(disk, whole);
        RangeList unused = new RangeList();
        for (Partition partition : partitions.stream().sorted(Comparator.comparingLong(Partition::start)).toList()) {
            RangeList partitionUnused = new RangeList();
            Optional<String> reason = report(disk, partition, partitionUnused);
            if (reason.isPresent()) {
                whole.add(new CopiedWhole(partition.number(), reason.get()));
            } else {
                partitionUnused.ranges().forEach(unused::add);
            }
        }
        return new CardContents(disk.size(), partitions, unused.ranges(), whole);
    }

    private static List<Partition> partitions(ByteSource disk, List<CopiedWhole> whole) {
        try {
            PartitionTable table = PartitionTable.read(disk);
            if (table.kind() == PartitionTable.Kind.NONE || !isUnpartitioned(disk)) {
                return table.partitions();
            }
            whole.add(new CopiedWhole(0, "it has a filesystem or a RAID beside its partition table"));
        } catch (Failure failure) {
            whole.add(new CopiedWhole(0,
                    failure.kind() == Failure.Kind.FAILED ? "its partition table cannot be read" : "it has no valid partition table"));
        }
        return List.of();
    }

    /** Whether the whole disk is a filesystem or a RAID member, so that the partition table is only a leftover. */
    private static boolean isUnpartitioned(ByteSource disk) {
        Partition whole = Partition.wholeFile(disk.size());
        return UnusedSpace.isRaidMember(disk, whole) || Filesystem.probe(disk, whole).filter(found -> !found.isFat()).isPresent();
    }

    private static Optional<String> report(ByteSource disk, Partition partition, RangeList unused) {
        try {
            Optional<Filesystem> filesystem = Filesystem.probe(disk, partition);
            return filesystem.isEmpty() ? Optional.of("it has no known filesystem")
                    : UnusedSpace.report(disk, partition, filesystem.get(), (start, end) -> unused.add(new ByteRange(start, end)));
        } catch (Failure failure) {
            return Optional.of("its filesystem cannot be read");
        }
    }

    /**
     * Returns one message for each partition that is included completely.
     *
     * @param disk the name of the disk in the messages
     * @param consequence what is done with the partition, for example "is in the block map"
     */
    public List<String> notes(String disk, String consequence) {
        return whole.stream()
                .map(all -> "all of " + (all.partition() == 0 ? disk : title(all.partition())) + " " + consequence + ", because "
                        + all.reason())
                .toList();
    }

    /** The ranges to read, in ascending order. They include unused ranges that are so small that reading takes less time than skipping. */
    public List<ByteRange> rangesToRead() {
        return BlockMap.gaps(unused.stream().filter(range -> range.length() >= BlockMap.MIN_LENGTH).toList(), 0, size);
    }

    /** The used parts of a range, in ascending order. */
    public List<ByteRange> used(ByteRange range) {
        return BlockMap.gaps(unusedIn(range), range.start(), range.end());
    }

    /** The unused parts of a range, in ascending order. */
    public List<ByteRange> unusedIn(ByteRange range) {
        List<ByteRange> found = new ArrayList<>();
        for (int index = firstEndingAfter(range.start()); index < unused.size() && unused.get(index).start() < range.end(); index++) {
            found.add(unused.get(index).within(range.start(), range.end()));
        }
        return found;
    }

    /** The index of the first unused range that ends after an offset; the number of ranges if there is none. */
    private int firstEndingAfter(long offset) {
        int low = 0;
        int high = unused.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (unused.get(middle).end() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The number of the partition that contains an offset; 0 if there is none. */
    public int partition(long offset) {
        return partitions.stream().filter(partition -> partition.start() <= offset && offset < partition.end()).mapToInt(Partition::number)
                .findFirst().orElse(0);
    }

    /** The name of a partition in messages; "the disk" for number 0. */
    static String title(int partition) {
        return partition == 0 ? "the disk" : "partition " + partition;
    }
}
