package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.LastVolume;
import org.example.piimages.daemon.image.care.CardContents;
import org.example.piimages.daemon.image.care.RangeOwners;
import org.example.piimages.daemon.image.care.filesystem.PartitionInput;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.FatOwners;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Determines the files to which the unreadable bytes of a card belong: on ext with debugfs(8), which runs as a user who may open only a
 * device for that partition; on FAT with the daemon's own reader. Failures are not reported, because the metadata may be unreadable too.
 */
final class DamagedFiles {

    /** The content of a range without a file, if it is unknown which of the two it is. */
    static final String METADATA_OR_FREE = "metadata or free space";
    static final String METADATA = "metadata";
    static final String NAMELESS = "a file without a name";

    private static final Logger LOG = LoggerFactory.getLogger(DamagedFiles.class);
    private static final Duration FAT_LIMIT = Duration.ofMinutes(2);
    /** The time after which no further partition is searched, because a card may have many. */
    private static final Duration LIMIT = Duration.ofMinutes(15);

    private final RawDevice device;
    private final String node;
    private final CardContents contents;
    private final Progress progress;

    DamagedFiles(RawDevice device, String node, CardContents contents, Progress progress) {
        this.device = device;
        this.node = node;
        this.contents = contents;
        this.progress = progress;
    }

    /** A source that throws Failure FAILED after a point in time. */
    private record TimeLimitedSource(ByteSource source, long end) implements ByteSource {

        TimeLimitedSource(ByteSource source, Duration time) {
            this(source, System.nanoTime() + time.toNanos());
        }

        @Override
        public long size() {
            return source.size();
        }

        @Override
        public void read(long offset, byte[] buffer) {
            if (System.nanoTime() - end > 0) {
                throw new Failure(Failure.Kind.FAILED, "it takes too long");
            }
            source.read(offset, buffer);
        }
    }

    /** Sets the contents of the ranges. */
    void find(UnreadableRanges ranges) throws IOException {
        progress.step("locate", 0);
        long start = System.nanoTime();
        Map<UnreadableRanges.Row, RangeOwners> owners = new HashMap<>();
        for (Partition partition : contents.partitions()) {
            List<UnreadableRanges.Row> rows = ranges.rows().stream()
                    .filter(row -> partition.start() <= row.offset() && row.offset() < partition.end()).toList();
            List<RangeOwners> found = rows.stream().map(row -> new RangeOwners(row.offset() - partition.start(), row.length())).toList();
            if (!rows.isEmpty() && System.nanoTime() - start < LIMIT.toNanos()) {
                search(partition, found);
            }
            for (int i = 0; i < rows.size(); i++) {
                owners.put(rows.get(i), found.get(i));
            }
        }
        ranges.describe(row -> owners.containsKey(row) ? owners.get(row).names() : outside(row));
    }

    private List<String> outside(UnreadableRanges.Row row) {
        return row.offset() == 0 ? List.of("partition table") : contents.partitions().isEmpty() ? List.of()
                : List.of("outside of partitions");
    }

    private void search(Partition partition, List<RangeOwners> ranges) throws IOException {
        try {
            ByteSource source = new TimeLimitedSource(new DeviceSource(device, progress), FAT_LIMIT);
            if (mayBe(source, partition, Filesystem::isFat) && FatOwners.report(source, partition,
                    (offset, length, path) -> ranges.forEach(range -> range.addIfOverlapping(offset, length, path)))) {
                ranges.forEach(range -> range.addIfNone(METADATA_OR_FREE));
            } else if (mayBe(source, partition, filesystem -> filesystem.extFeatures().isPresent())) {
                searchExt(partition, LastVolume.extBlockSize(source, partition), ranges);
            }
        } catch (Failure failure) {
            LOG.debug("{}: what is hit in {} is not known", node, partition.title(), failure);
        }
    }

    /** Whether the partition has a filesystem of this kind; also true if the place where another type has its superblock cannot be read. */
    private static boolean mayBe(ByteSource source, Partition partition, Predicate<Filesystem> kind) {
        try {
            return Filesystem.probe(source, partition).filter(kind).isPresent();
        } catch (Failure failure) {
            return true;
        }
    }

    private void searchExt(Partition partition, long blockSize, List<RangeOwners> ranges) throws IOException {
        try (PartitionInput input = PartitionInput.ofCard(device, partition, node)) {
            boolean free = contents.whole().stream().anyMatch(whole -> whole.partition() == partition.number());
            new ExtOwners(input, blockSize, progress).find(ranges, free ? METADATA_OR_FREE : METADATA);
        }
    }
}
