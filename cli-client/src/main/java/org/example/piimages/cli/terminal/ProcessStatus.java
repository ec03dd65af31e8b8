package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel shows everybody of a process; proc_pid_stat(5).
 *
 * @param state 'T' for one that is stopped
 * @param parent the parent's number
 * @param group its process group
 * @param session its session
 * @param foreground the process group that has its terminal; -1 where it has no terminal
 */
public record ProcessStatus(char state, long parent, long group, long session, long foreground) {

    private static final char STOPPED = 'T';

    /** This process. */
    public static Optional<ProcessStatus> own() {
        return of("self");
    }

    /** A process by its number; empty where there is none, or none to be seen. */
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

    /** What stands behind the name in brackets: state, parent, process group, session, terminal, the terminal's foreground group. */
    static ProcessStatus parse(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return new ProcessStatus(fields[0].charAt(0), Long.parseLong(fields[1]), Long.parseLong(fields[2]), Long.parseLong(fields[3]),
                Long.parseLong(fields[5]));
    }

    /** Whether the terminal is its group's. */
    boolean isForeground() {
        return group == foreground;
    }

    /** Whether it was stopped while the terminal was its group's, as Ctrl-Z stops it. */
    boolean isStoppedInForeground() {
        return state == STOPPED && isForeground();
    }

    /** Whether no shell would continue its group if it were stopped; credentials(7), "orphaned process group". */
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

    /** Whether a child of this process was stopped by Ctrl-Z: not where the kernel or an administrator hides that. */
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
