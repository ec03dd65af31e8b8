package org.example.piimages.daemon.machine.nspawn;

import java.util.ArrayList;
import java.util.List;
import org.example.piimages.daemon.machine.record.MachineRecord;

/** What runs on the host for a booted machine's own systemd to start a command. It takes each $ for a variable's, unless there are two. */
public final class GuestCommandLine {

    /**
     * The command and its terminal; its words are: where to leave the exit status, which machined does not tell; the working directory or
     * nothing; the command. A terminal's interrupt is the command's, and its status is told all the same.
     */
    private static final String TERMINAL_SESSION = """
            trap : INT QUIT; [ -z "$1" ] || cd "$1" || exit; shift; "$@"; s=$?; umask 077; set -C; echo $s >"$0"; exit $s""";

    private GuestCommandLine() {
    }

    /** For a command on pipes: systemd-run(1) passes the streams on as they are, and its own exit status is the command's. */
    public static List<String> piped(MachineRecord machine, String unit, Task task) {
        List<String> line = new ArrayList<>(List.of("/usr/bin/systemd-run", "--machine=" + machine.name(), "--unit=" + unit, "--quiet",
                "--collect", "--wait", "--pipe", "--service-type=exec", "--description=Command of PiImages"));
        addUserAndVariables(line, task);
        if (!task.directory().isEmpty()) {
            line.add("--working-directory=" + task.directory());
        }
        line.addAll(List.of("--", NspawnCommand.INIT_IN_MACHINE, "--"));
        addEscaped(line, task.command());
        return line;
    }

    /**
     * For a command on a terminal: machinectl(1) makes one in the machine, a session of the user's, and passes on size and keys.
     * (systemd-run 252 looks for the machine's terminal among the host's.)
     *
     * @param statusFile where in the machine the exit status is left
     */
    public static List<String> onTerminal(MachineRecord machine, String statusFile, Task task) {
        List<String> line = new ArrayList<>(List.of("/usr/bin/machinectl", "--quiet"));
        addUserAndVariables(line, task);
        line.addAll(List.of("shell", machine.name(), "/bin/sh", "-c"));
        addEscaped(line, List.of(TERMINAL_SESSION, statusFile, task.directory()));
        addEscaped(line, task.command());
        return line;
    }

    private static void addUserAndVariables(List<String> line, Task task) {
        if (!task.user().isEmpty()) {
            line.add("--uid=" + task.user());
        }
        task.environment().forEach(variable -> line.add("--setenv=" + variable));
    }

    private static void addEscaped(List<String> line, List<String> words) {
        words.forEach(word -> line.add(word.replace("$", "$$")));
    }
}
