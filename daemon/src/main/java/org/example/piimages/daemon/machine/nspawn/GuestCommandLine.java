package org.example.piimages.daemon.machine.nspawn;

import java.util.ArrayList;
import java.util.List;
import org.example.piimages.daemon.machine.record.MachineRecord;

/**
 * Command lines for the host that make the systemd of a booted machine start a command. That systemd expands variables, so each $ is
 * doubled.
 */
public final class GuestCommandLine {

    /**
     * The script that runs a command on a terminal. Its arguments, from $0: the file for the exit status, which machined does not report;
     * the working directory or an empty string; the command. The script survives an interrupt from the terminal, so that it can record
     * the exit status of the command.
     */
    private static final String TERMINAL_SESSION = """
            trap : INT QUIT; [ -z "$1" ] || cd "$1" || exit; shift; "$@"; s=$?; umask 077; set -C; echo $s >"$0"; exit $s""";

    private GuestCommandLine() {
    }

    /** Returns the command line for a command on pipes: systemd-run(1) passes the streams on unchanged and exits with its exit status. */
    public static List<String> piped(MachineRecord machine, String unit, MachineCommand machineCommand) {
        List<String> line = new ArrayList<>(List.of("/usr/bin/systemd-run", "--machine=" + machine.name(), "--unit=" + unit, "--quiet",
                "--collect", "--wait", "--pipe", "--service-type=exec", "--description=Command of PiImages"));
        addUserAndVariables(line, machineCommand);
        if (!machineCommand.directory().isEmpty()) {
            line.add("--working-directory=" + machineCommand.directory());
        }
        line.addAll(List.of("--", NspawnCommand.INIT_IN_MACHINE, "--"));
        addEscaped(line, machineCommand.command());
        return line;
    }

    /**
     * Returns the command line for a command on a terminal: machinectl(1) creates one in the machine, with a session of the user, and
     * forwards input and size. (systemd-run 252 searches for the machine's terminal among those of the host.)
     *
     * @param statusFile the file in the machine for the exit status
     */
    public static List<String> onTerminal(MachineRecord machine, String statusFile, MachineCommand machineCommand) {
        List<String> line = new ArrayList<>(List.of("/usr/bin/machinectl", "--quiet"));
        addUserAndVariables(line, machineCommand);
        line.addAll(List.of("shell", machine.name(), "/bin/sh", "-c"));
        addEscaped(line, List.of(TERMINAL_SESSION, statusFile, machineCommand.directory()));
        addEscaped(line, machineCommand.command());
        return line;
    }

    private static void addUserAndVariables(List<String> line, MachineCommand machineCommand) {
        if (!machineCommand.user().isEmpty()) {
            line.add("--uid=" + machineCommand.user());
        }
        machineCommand.environment().forEach(variable -> line.add("--setenv=" + variable));
    }

    private static void addEscaped(List<String> line, List<String> words) {
        words.forEach(word -> line.add(word.replace("$", "$$")));
    }
}
