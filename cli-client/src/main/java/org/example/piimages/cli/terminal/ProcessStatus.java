package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The status of a process, from /proc/PID/stat; see proc_pid_stat(5).
 *
 * @param state the state; 'T' if it is stopped
 * @param parent the PID of the parent
 * @param group the process group ID
 * @param session the session ID
 * @param foreground the foreground process group of its terminal; -1 if it has no terminal
 */
public record ProcessStatus(char state, long parent, long group, long session, long foreground) {

    private static final char STOPPED = 'T';

    /** Returns the status of this process. */
    public static Optional<ProcessStatus> own() {
        return of("self");
    }

    /** Returns the status of a process by its PID; empty if it does not exist or is hidden. */
    static Optional<ProcessStatus> of(long process) {
        return of(String.valueOf(process));
    }

    private static Optional<ProcessStatus> of(String process) {
        try {
            return Optional.of(parse(Files.readString(Path.of("/proc", process, "stat"), StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Parses the fields after the name in parentheses: state, parent, process group, session, terminal, foreground process group of the
     * terminal.
     */
    static ProcessStatus parse(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new ProcessStatus(fields[0].charAt(0), Long.parseLong(fields[1]), Long.parseLong(fields[2]), Long.parseLong(fields[3]),
                Long.parseLong(fields[5]));
    }

    /** Returns whether its process group is in the foreground of its terminal. */
    boolean isForeground() {
        return group == foreground;
    }

    /** Returns whether it is stopped while its group is in the foreground, as after Ctrl-Z. */
    boolean isStoppedInForeground() {
        return state == STOPPED && isForeground();
    }

    /** Returns whether its process group is orphaned, so that no shell would continue it if it were stopped; see credentials(7). */
    public boolean isOrphaned() {
        ProcessStatus member = this;
        while (true) {
            Optional<ProcessStatus> above = of(member.parent());
            if (above.isEmpty() || above.get().session() != session) {
                return true;
            }
            if (above.get().group() != group) {
                return false;
            }
            member = above.get();
        }
    }

    /** Returns whether a child of this process was stopped by Ctrl-Z; false if the kernel or an administrator hides that. */
    public static boolean hasChildStoppedInForeground(long process) {
        String number = String.valueOf(process);
        try {
            String children = Files.readString(Path.of("/proc", number, "task", number, "children"));
            for (String child : children.strip().split(" ")) {
                if (!child.isEmpty() && of(child).filter(ProcessStatus::isStoppedInForeground).isPresent()) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }
}
