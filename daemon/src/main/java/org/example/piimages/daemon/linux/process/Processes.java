package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** The processes of the host, as /proc shows them. */
public final class Processes {

    /** The mount namespace of the host, as nsenter(1) takes it. */
    public static final String HOST_MOUNTS = "/proc/1/ns/mnt";

    /**
     * Who keeps a mount busy.
     *
     * @param pid the process
     * @param command its name, as comm(5) has it
     * @param file what it holds below the mount
     */
    public record Holder(long pid, String command, String file) {
    }

    private static final int MOST = 5;
    /** Real, effective, saved and filesystem ids follow the name. */
    private static final int FILESYSTEM_ID = 4;
    private static final List<String> LINKS = List.of("cwd", "root", "exe");

    private Processes() {
    }

    /** Some of the processes that have a folder, a program or a file below the mount point; one that ends meanwhile may be among them. */
    public static List<Holder> holding(Path mountPoint) throws IOException {
        List<Holder> holders = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String file = heldBy(process, mountPoint);
                if (file != null && holders.size() < MOST) {
                    holders.add(new Holder(Long.parseLong(process.getFileName().toString()), command(process), file));
                }
            }
        }
        return holders;
    }

    /** A process can give itself any bytes for a name, and end while it is asked. */
    private static String command(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("comm")), StandardCharsets.UTF_8).strip().replaceAll("\\p{Cntrl}", "?");
        } catch (IOException e) {
            return "?";
        }
    }

    private static String heldBy(Path process, Path mountPoint) {
        for (String link : LINKS) {
            String file = below(process.resolve(link), mountPoint);
            if (file != null) {
                return file;
            }
        }
        try (var fds = Files.newDirectoryStream(process.resolve("fd"))) {
            for (Path fd : fds) {
                String file = below(fd, mountPoint);
                if (file != null) {
                    return file;
                }
            }
        } catch (IOException e) {
            // It has ended.
        }
        return null;
    }

    private static String below(Path link, Path mountPoint) {
        try {
            Path target = Files.readSymbolicLink(link);
            return target.startsWith(mountPoint) ? target.toString().replaceAll("\\p{Cntrl}", "?") : null;
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    /**
     * Whether what a process runs takes signals: the kernel drops what the first process of a PID namespace neither handles nor blocks,
     * pid_namespaces(7). A process that has ended needs not be waited for, and counts as such.
     *
     * @param before the program that starts what the process is to run, and does not pass signals on to it
     */
    public static boolean takesSignals(int pid, String before) {
        try {
            Path process = Path.of("/proc/" + pid);
            return !Files.readSymbolicLink(process.resolve("exe")).endsWith(before)
                    && Files.readAllLines(process.resolve("status"), StandardCharsets.ISO_8859_1).stream()
                            .filter(line -> line.startsWith("SigBlk:") || line.startsWith("SigCgt:"))
                            .anyMatch(line -> Long.parseUnsignedLong(line.split("\\s+")[1], 16) != 0);
        } catch (IOException e) {
            return true;
        }
    }

    /** The group that a process makes files with, proc_pid_status(5). Empty where that cannot be found out. */
    public static OptionalInt group(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1).stream()
                    .filter(line -> line.startsWith("Gid:")).mapToInt(line -> Integer.parseUnsignedInt(line.split("\\s+")[FILESYSTEM_ID]))
                    .findFirst();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /**
     * The umask of a process, proc_pid_status(5). Empty where that cannot be found out, and where the process is not that user's: then it
     * has ended, and another one has its number.
     */
    public static OptionalInt umask(long pid, int uid) {
        try {
            List<String> lines = Files.readAllLines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1);
            boolean theirs = lines.stream().filter(line -> line.startsWith("Uid:"))
                    .anyMatch(line -> Integer.parseUnsignedInt(line.split("\\s+")[FILESYSTEM_ID]) == uid);
            return theirs ? lines.stream().filter(line -> line.startsWith("Umask:"))
                    .mapToInt(line -> Integer.parseInt(line.split("\\s+")[1], 8)).findFirst() : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }
}
