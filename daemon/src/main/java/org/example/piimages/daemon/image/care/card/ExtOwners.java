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

/** Whose the blocks of an ext filesystem are, by debugfs(8), which goes through all inodes and then through all folders. */
final class ExtOwners {

    /** How many blocks it is asked for: it compares each with all that there are. */
    static final int MOST_BLOCKS = 1024;
    /** How many inodes, so that what it says of them is not too long to be kept. */
    static final int MOST_INODES = 256;

    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int ROOT = 2;
    private static final int FIRST_OF_FILES = 11;
    /**
     * A tab is between the two; control characters are left out of what tools say. There are two slashes before what is in the root folder.
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
     * Tells the ranges.
     *
     * @param none what a block is that belongs to no file
     */
    void find(List<RangeOwners> ranges, String none) throws IOException {
        if (blockSize < 1024 || blockSize > 65536) {
            return;
        }
        Map<RangeOwners, List<Long>> blocks = ranges.stream()
                .collect(Collectors.toMap(range -> range, range -> blocks(range, Math.max(1, MOST_BLOCKS / ranges.size()))));
        List<Long> all = new ArrayList<>(new TreeSet<>(blocks.values().stream().flatMap(List::stream).limit(MOST_BLOCKS).toList()));
        Map<Long, Long> inodes = inodes(ask("icheck", all), all);
        List<Long> files = inodes.values().stream().filter(inode -> inode >= FIRST_OF_FILES).distinct().limit(MOST_INODES).toList();
        Map<Long, String> names = files.isEmpty() ? Map.of() : names(ask("ncheck", files));
        blocks.forEach((range, own) -> {
            if (!inodes.keySet().containsAll(own)) {
                range.addOthers();
            }
        });
        blocks.forEach((range, own) -> own.stream().filter(inodes::containsKey).map(inodes::get).distinct()
                .forEach(inode -> range.add(name(inode, names, none))));
    }

    /** Those in a range; some of them where there are many. */
    private List<Long> blocks(RangeOwners range, int most) {
        long first = range.offset() / blockSize;
        long count = (range.end() - 1) / blockSize - first + 1;
        long step = (count + most - 1) / most;
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
        return inode == 0 ? none : inode == ROOT ? "/" : inode < FIRST_OF_FILES ? DamagedFiles.METADATA
                : names.getOrDefault(inode, DamagedFiles.NAMELESS);
    }

    private String ask(String request, List<Long> numbers) throws IOException {
        String words = numbers.stream().map(String::valueOf).collect(Collectors.joining(" ", request + " ", ""));
        Command command = Command.of("debugfs", "e2fsprogs", input.who()).input(input.file()).with("-c", "-R", words, Command.INPUT);
        return ToolRun.within(LIMIT, command, progress).requireSuccess().words();
    }

    /**
     * What icheck says: a line for each block that it was asked for, in the same order. Behind the block's number is that of the inode, or
     * that there is none.
     *
     * @param blocks the numbers that it was asked for
     * @return the inode of each block, 0 where there is none; without those of which that is not known, as an inode's own blocks cannot be
     *     read
     * @throws Failure FAILED when it did not get so far, as where inodes cannot be read
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

    /** What ncheck says: the first name of each inode. The names are the card's words, and may have line breaks in them. */
    static Map<Long, String> names(String words) {
        Map<Long, String> names = new HashMap<>();
        // What is said of errors may be in the middle of a line, and the last one may have been cut off.
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
