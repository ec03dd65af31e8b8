package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory that a tool started by the daemon may use. It counts as the daemon's own: the limit is what the host, the unit and the cgroups
 * above it have left.
 */
public final class AvailableMemory {

    private static final Path PROC = Path.of("/proc");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable: +(\\d+) kB$");
    private static final Pattern UNIFIED = Pattern.compile("(?m)^0::/(.*)$");

    private AvailableMemory() {
    }

    /**
     * The available memory in bytes; {@code Long.MAX_VALUE} if unknown. See proc(5), and "Memory Interface Files" of the kernel's
     * cgroup-v2.rst.
     */
    public static long bytes() {
        return bytes(PROC, CGROUPS);
    }

    /** Like {@link #bytes()}, with the two filesystems mounted at the given paths. */
    static long bytes(Path proc, Path cgroups) {
        long headroom = Long.MAX_VALUE;
        Matcher available = AVAILABLE.matcher(text(proc.resolve("meminfo")));
        if (available.find()) {
            headroom = Long.parseLong(available.group(1)) * 1024;
        }
        Matcher cgroup = UNIFIED.matcher(text(proc.resolve("self/cgroup")));
        Path group = cgroup.find() ? cgroups.resolve(cgroup.group(1)) : cgroups;
        for (Path at = group; at.startsWith(cgroups); at = at.getParent()) {
            headroom = Math.min(headroom, limit(at, "memory.max") - number(at.resolve("memory.current"), 0));
            headroom = Math.min(headroom, limit(at, "memory.high") - number(at.resolve("memory.current"), 0));
        }
        return Math.max(headroom, 0);
    }

    private static long limit(Path group, String name) {
        return number(group.resolve(name), Long.MAX_VALUE);
    }

    /** The number in a file; {@code otherwise} for "max", and if the file does not exist. */
    private static long number(Path file, long otherwise) {
        String text = text(file).strip();
        return text.matches("\\d{1,18}") ? Long.parseLong(text) : otherwise;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
