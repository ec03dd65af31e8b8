package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.example.piimages.daemon.linux.file.ProcessStatus;

/** The processes of the host, as shown in /proc. */
public final class Processes {

    /** The mount namespace of the host, as nsenter(1) takes it. */
    public static final String HOST_MOUNTS = "/proc/1/ns/mnt";

    /**
     * A process that keeps a mount busy.
     *
     * @param pid the process id
     * @param command the name of the process, as in comm(5)
     * @param file the file or directory that it uses below the mount
     */
    public record Holder(long pid, String command, String file) {
    }

    private static final int MAX_HOLDERS = 5;
    /**
     * The index of the filesystem id in a line of the status file: the name is followed by the real, effective, saved and filesystem ids.
     */
    private static final int FILESYSTEM_ID = 4;
    private static final List<String> LINKS = List.of("cwd", "root", "exe");

    private Processes() {
    }

    /**
     * Returns up to five of the processes that use a directory, a program or a file below the mount point; one that ends meanwhile may be
     * among them.
     */
    public static List<Holder> using(Path mountPoint) throws IOException {
        List<Holder> holders = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                String file = usedFile(process, mountPoint);
                if (file != null && holders.size() < MAX_HOLDERS) {
                    holders.add(new Holder(Long.parseLong(process.getFileName().toString()), command(process), file));
                }
            }
        }
        return holders;
    }

    /** The name of a process; "?" if it has ended. A process can give itself any bytes for a name. */
    private static String command(Path process) {
        try {
            return new String(Files.readAllBytes(process.resolve("comm")), StandardCharsets.UTF_8).strip().replaceAll("\\p{Cntrl}", "?");
        } catch (IOException e) {
            return "?";
        }
    }

    private static String usedFile(Path process, Path mountPoint) {
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
            // The process has ended.
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
     * Whether a process handles or blocks any signals: the kernel drops the other signals to the first process of a PID namespace,
     * pid_namespaces(7). True for a process that has ended, which need not be waited for.
     *
     * @param before the name of the program that starts the process's actual program, and does not pass signals on to it; while it runs,
     * the result is false
     */
    public static boolean handlesSignals(int pid, String before) {
        try {
            Path process = Path.of("/proc/" + pid);
            return !Files.readSymbolicLink(process.resolve("exe")).endsWith(before)
                    && ProcessStatus.lines(process).filter(line -> line.startsWith("SigBlk:") || line.startsWith("SigCgt:"))
                            .anyMatch(line -> Long.parseUnsignedLong(line.split("\\s+")[1], 16) != 0);
        } catch (IOException e) {
            return true;
        }
    }

    /** The group with which a process creates files, proc_pid_status(5). Empty if it cannot be determined. */
    public static OptionalInt group(long pid) {
        try {
            return ProcessStatus.lines(Path.of("/proc/" + pid)).filter(line -> line.startsWith("Gid:"))
                    .mapToInt(line -> Integer.parseUnsignedInt(line.split("\\s+")[FILESYSTEM_ID]))
                    .findFirst();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }

    /**
     * The umask of a process, proc_pid_status(5). Empty if it cannot be determined, or if the process does not belong to that user: then
     * the original process has ended, and its number was reused.
     */
    public static OptionalInt umask(long pid, int uid) {
        try {
            List<String> lines = ProcessStatus.lines(Path.of("/proc/" + pid)).toList();
            boolean theirs = lines.stream().filter(line -> line.startsWith("Uid:"))
                    .anyMatch(line -> Integer.parseUnsignedInt(line.split("\\s+")[FILESYSTEM_ID]) == uid);
            return theirs ? lines.stream().filter(line -> line.startsWith("Umask:"))
                    .mapToInt(line -> Integer.parseInt(line.split("\\s+")[1], 8)).findFirst() : OptionalInt.empty();
        } catch (IOException e) {
            return OptionalInt.empty();
        }
    }
}
