package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.care.RangeOwners;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.care.filesystem.PartitionInput;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.Command;

/** Determines the files that own blocks of an ext filesystem, with debugfs(8), which scans all inodes and then all directories. */
final class ExtOwners {

    /** The maximum number of blocks in a request, because debugfs compares each with all blocks in use. */
    static final int MAX_BLOCKS = 1024;
    /** The maximum number of inodes in a request, so that the output is not truncated. */
    static final int MAX_INODES = 256;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int ROOT = 2;
    private static final int FIRST_INODE = 11;
    /**
     * An inode number and a path. debugfs separates them by a tab, but control characters are removed from the output of tools. Paths of
     * entries of the root directory begin with two slashes.
     */
    private static final Pattern NAME = Pattern.compile("([0-9]{1,10})/?(/.*)");

    private final PartitionInput input;
    private final long blockSize;
    private final Progress progress;

    ExtOwners(PartitionInput input, long blockSize, Progress progress) {
        this.input = input;
        this.blockSize = blockSize;
        this.progress = progress;
    }

    /**
     * Adds the names of files to the ranges.
     *
     * @param none the name for a block that belongs to no file
     */
    void find(List<RangeOwners> ranges, String none) throws IOException {
        if (blockSize < 1024 || blockSize > 65536) {
            return;
        }
        Map<RangeOwners, List<Long>> blocks = ranges.stream()
                .collect(Collectors.toMap(range -> range, range -> blocks(range, Math.max(1, MAX_BLOCKS / ranges.size()))));
        List<Long> all = new ArrayList<>(new TreeSet<>(blocks.values().stream().flatMap(List::stream).limit(MAX_BLOCKS).toList()));
        Map<Long, Long> inodes = inodes(debugfs("icheck", all), all);
        List<Long> files = inodes.values().stream().filter(inode -> inode >= FIRST_INODE).distinct().limit(MAX_INODES).toList();
        Map<Long, String> names = files.isEmpty() ? Map.of() : names(debugfs("ncheck", files));
        blocks.forEach((range, own) -> {
            if (!inodes.keySet().containsAll(own)) {
                range.addOthers();
            }
        });
        blocks.forEach((range, own) -> own.stream().filter(inodes::containsKey).map(inodes::get).distinct()
                .forEach(inode -> range.add(name(inode, names, none))));
    }

    /** The blocks in a range; a sample of them if there are more than {@code maximum}. */
    private List<Long> blocks(RangeOwners range, int maximum) {
        long first = range.offset() / blockSize;
        long count = (range.end() - 1) / blockSize - first + 1;
        long step = (count + maximum - 1) / maximum;
        if (step > 1) {
            range.addOthers();
        }
        List<Long> blocks = new ArrayList<>();
        for (long block = 0; block < count; block += step) {
            blocks.add(first + block);
        }
        return blocks;
    }

    private static String name(long inode, Map<Long, String> names, String none) {
        return inode == 0 ? none : inode == ROOT ? "/" : inode < FIRST_INODE ? DamagedFiles.METADATA
                : names.getOrDefault(inode, DamagedFiles.NAMELESS);
    }

    private String debugfs(String request, List<Long> numbers) throws IOException {
        String words = numbers.stream().map(String::valueOf).collect(Collectors.joining(" ", request + " ", ""));
        Command command =
                Command.of("debugfs", "e2fsprogs", input.credentials()).input(input.file()).with("-c", "-R", words, Command.INPUT);
        return ToolRun.within(LIMIT, command, progress).requireSuccess().output();
    }

    /**
     * Parses the output of icheck: one line for each block of the request, in the same order, with the block number and the inode number,
     * or a note that there is none.
     *
     * @param blocks the block numbers of the request
     * @return the inode of each block, 0 if there is none; without the blocks whose inode is unknown because blocks of an inode itself
     *     cannot be read
     * @throws Failure FAILED if the output is incomplete, for example because inodes cannot be read
     */
    static Map<Long, Long> inodes(String words, List<Long> blocks) {
        List<String> lines = words.lines().dropWhile(line -> !line.matches("Block\\s*Inode number")).skip(1).toList();
        boolean isIncomplete = words.contains("icheck:");
        Map<Long, Long> inodes = new HashMap<>();
        int answers = 0;
        for (int i = 0; i < Math.min(lines.size(), blocks.size()); i++) {
            String block = String.valueOf(blocks.get(i));
            String rest = lines.get(i).startsWith(block) ? lines.get(i).substring(block.length()).strip() : "";
            if (rest.matches("[0-9]{1,10}")) {
                inodes.put(blocks.get(i), Long.parseLong(rest));
                answers++;
            } else if (rest.equals("<block not found>")) {
                answers++;
                if (!isIncomplete) {
                    inodes.put(blocks.get(i), 0L);
                }
            }
        }
        if (answers < blocks.size()) {
            throw new Failure(Failure.Kind.FAILED, "debugfs does not tell what has its blocks");
        }
        return inodes;
    }

    /** Parses the output of ncheck; returns the first path of each inode. The paths come from the card and may contain line breaks. */
    static Map<Long, String> names(String words) {
        Map<Long, String> names = new HashMap<>();
        // Error messages can occur in the middle of a line, and the last line may be truncated.
        List<String> lines = words.substring(0, words.lastIndexOf('\n') + 1).lines().filter(line -> !line.contains("ncheck:")).toList();
        for (String line : lines) {
            Matcher matcher = NAME.matcher(line);
            if (matcher.matches()) {
                names.putIfAbsent(Long.parseLong(matcher.group(1)), matcher.group(2));
            }
        }
        return names;
    }
}
