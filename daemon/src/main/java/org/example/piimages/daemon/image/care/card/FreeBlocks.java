package org.example.piimages.daemon.image.care.card;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.ExtFeatures;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.mount.OffsetName;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * Determines the free space of the ext filesystems of an image with dumpe2fs(8). A filesystem is treated as full if its journal has to be
 * replayed, which may write to free blocks; if it allocates clusters (bigalloc); if it is larger than its partition; or if dumpe2fs fails
 * or its output cannot be parsed, which is reported in a note.
 */
final class FreeBlocks {

    private static final int BIGALLOC = 0x200;
    private static final Pattern BLOCK_SIZE = Pattern.compile("Block size: +(\\d{4,5})");
    /** The start of the line of a block group; that of the superblock is not indented. */
    private static final String FREE = "  Free blocks: ";
    private static final Pattern RANGE = Pattern.compile("(\\d{1,12})(?:-(\\d{1,12}))?");

    private FreeBlocks() {
    }

    /**
     * Returns the free ranges of the image, in ascending order.
     *
     * @param notes takes a message for each filesystem whose free space cannot be determined
     */
    static List<ByteRange> of(JobImage jobImage, PartitionTable table, Progress progress, Consumer<String> notes) throws IOException {
        List<ByteRange> free = new ArrayList<>();
        for (Partition partition : table.partitions()) {
            Optional<Filesystem> filesystem = Filesystem.probe(jobImage.file(), partition);
            if (filesystem.isPresent() && isSupported(filesystem.get(), partition)) {
                free.addAll(of(jobImage, partition, progress, notes));
            }
        }
        free.sort(Comparator.comparingLong(ByteRange::start));
        return free;
    }

    private static boolean isSupported(Filesystem filesystem, Partition partition) {
        Optional<ExtFeatures> features = filesystem.extFeatures();
        return features.isPresent() && (features.get().readOnlyCompatible() & BIGALLOC) == 0 && !filesystem.needsRecovery()
                && filesystem.fits(partition);
    }

    private static List<ByteRange> of(JobImage jobImage, Partition partition, Progress progress, Consumer<String> notes)
            throws IOException {
        try (OffsetName name = OffsetName.of(partition.start());
                RunningCommand running = Command.of("dumpe2fs", "e2fsprogs", jobImage.credentials()).input(jobImage.file().file())
                        .with(name.text()).outputToPipe().start();
                BufferedReader output = new BufferedReader(new InputStreamReader(running.output(), StandardCharsets.ISO_8859_1))) {
            progress.onCancel(running::kill);
            Optional<List<ByteRange>> free = parse(output, partition);
            RunningCommand.Ended ended = running.await(ToolRun.LIMIT);
            progress.onCancel(null);
            progress.advance(0);
            if (ended.status() == 0 && free.isPresent()) {
                return free.get();
            }
            notes.accept("all of " + partition.title() + " is written, because dumpe2fs does not report its free space: "
                    + (ended.status() == 0 ? "its output cannot be parsed" : ended.reason().replace(name.text(), "it")));
            return List.of();
        }
    }

    /**
     * Parses the output of dumpe2fs.
     *
     * @return the free ranges of the image that are large enough to be skipped, all within the partition; empty if the output contains no
     *     block size and groups
     */
    static Optional<List<ByteRange>> parse(BufferedReader output, Partition partition) throws IOException {
        List<ByteRange> free = new ArrayList<>();
        long blockSize = 0;
        boolean found = false;
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher size = BLOCK_SIZE.matcher(line);
            if (size.lookingAt()) {
                blockSize = Long.parseLong(size.group(1));
            } else if (line.startsWith(FREE) && blockSize > 0) {
                found = true;
                Matcher range = RANGE.matcher(line.substring(FREE.length()));
                while (range.find()) {
                    add(free, range, blockSize, partition);
                }
            }
        }
        return found ? Optional.of(free) : Optional.empty();
    }

    /** Adds a range, unless it is small: skipping those saves no time, and there may be very many. */
    private static void add(List<ByteRange> free, Matcher range, long blockSize, Partition partition) {
        long last = Long.parseLong(range.group(2) == null ? range.group(1) : range.group(2));
        ByteRange found = new ByteRange(partition.start() + Long.parseLong(range.group(1)) * blockSize,
                partition.start() + (last + 1) * blockSize).within(partition.start(), partition.end());
        if (found.length() >= BlockMap.MIN_LENGTH) {
            free.add(found);
        }
    }
}
