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
 * What of a disk belongs into a backup: all but what its filesystems do not use. What cannot be told apart does: what lies outside of
 * partitions, and filesystems that are not known, or were not unmounted.
 *
 * @param size the disk's, in bytes
 * @param partitions empty where there are none that make sense
 * @param unused what does not belong into it, in order
 * @param whole where everything is taken for used, and why
 */
public record CardContents(long size, List<Partition> partitions, List<ByteRange> unused, List<Whole> whole) {

    /**
     * A partition of which everything is taken for used.
     *
     * @param partition its number; 0 for all of the disk
     * @param reason words that follow "because "
     */
    public record Whole(int partition, String reason) {
    }

    /** Of a disk; throws no Failure where it makes no sense or cannot be read: all of it is taken for used then. */
    public static CardContents of(ByteSource disk) {
        List<Whole> whole = new ArrayList<>();
        List<Partition> partitions = partitions(disk, whole);
        RangeList unused = new RangeList();
        for (Partition partition : partitions.stream().sorted(Comparator.comparingLong(Partition::start)).toList()) {
            RangeList own = new RangeList();
            Optional<String> reason = report(disk, partition, own);
            if (reason.isPresent()) {
                whole.add(new Whole(partition.number(), reason.get()));
            } else {
                own.ranges().forEach(unused::add);
            }
        }
        return new CardContents(disk.size(), partitions, unused.ranges(), whole);
    }

    private static List<Partition> partitions(ByteSource disk, List<Whole> whole) {
        try {
            PartitionTable table = PartitionTable.read(disk);
            if (table.kind() == PartitionTable.Kind.NONE || !isOtherwiseUsed(disk)) {
                return table.partitions();
            }
            whole.add(new Whole(0, "it has a filesystem or a RAID beside its partition table"));
        } catch (Failure failure) {
            whole.add(new Whole(0,
                    failure.kind() == Failure.Kind.FAILED ? "its partition table cannot be read" : "it has no valid partition table"));
        }
        return List.of();
    }

    /** Whether the disk as a whole is a filesystem or part of a RAID, and the table only what was there before. */
    private static boolean isOtherwiseUsed(ByteSource disk) {
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

    /** Where everything is taken for used: lines for people, in which this happens to all of it, and the disk has that name. */
    public List<String> notes(String disk, String happens) {
        return whole.stream().map(all -> "all of " + (all.partition() == 0 ? disk : title(all.partition())) + " " + happens + ", because "
                + all.reason()).toList();
    }

    /** What is to be read, in order; with small unused ranges that it takes less time to read than to skip. */
    public List<ByteRange> toRead() {
        return BlockMap.between(unused.stream().filter(range -> range.length() >= BlockMap.LEAST).toList(), 0, size);
    }

    /** What of a range is used, in order. */
    public List<ByteRange> used(ByteRange range) {
        return BlockMap.between(unusedIn(range), range.start(), range.end());
    }

    /** What of a range is not, in order. */
    public List<ByteRange> unusedIn(ByteRange range) {
        List<ByteRange> found = new ArrayList<>();
        for (int index = firstBehind(range.start()); index < unused.size() && unused.get(index).start() < range.end(); index++) {
            found.add(unused.get(index).within(range.start(), range.end()));
        }
        return found;
    }

    /** The first unused range that ends behind an offset. */
    private int firstBehind(long offset) {
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

    /** The number of the partition in which an offset lies; 0 where it lies in none, or there are none. */
    public int partition(long offset) {
        return partitions.stream().filter(partition -> partition.start() <= offset && offset < partition.end()).mapToInt(Partition::number)
                .findFirst().orElse(0);
    }

    /** How a message names a partition by its number. */
    static String title(int partition) {
        return partition == 0 ? "the disk" : "partition " + partition;
    }
}
