package org.example.piimages.daemon.machine.nspawn;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.machine.record.MachineRecord;

/**
 * The command or init of a machine, as a systemd.nspawn(5) file that only root can read: any user can read the properties of a unit and
 * the arguments of a process. This class only builds the text.
 */
public final class NspawnSettings {

    /** The path in the machine of the script that replaces a command which the file cannot express. */
    public static final String SCRIPT = "/run/piimages/command";
    private static final String OFFLINE = "SYSTEMD_OFFLINE=";
    /** The maximum length of a quoted setting in characters, which fits into a line of 1 MiB whatever the characters are. */
    private static final int MAX_LENGTH = 200_000;

    private NspawnSettings() {
    }

    /**
     * Returns whether the file can express a command. Each setting is one line of up to 1 MiB, without escape sequences, and a backslash at
     * its end joins it with the next.
     */
    public static boolean canExpress(MachineCommand machineCommand) {
        String directory = machineCommand.directory();
        return Stream.of(words(machineCommand.command()), words(machineCommand.environment()))
                .noneMatch(words -> hasLines(words) || words.length() > MAX_LENGTH)
                && !hasLines(directory) && directory.strip().equals(directory) && !directory.endsWith("\\");
    }

    /** Returns whether systemd would read a text as more than one line. */
    private static boolean hasLines(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }

    /** Returns the path of a machine's file: nspawn reads it from the directory that contains the machine's root. */
    public static Path file(MachineRecord machine) {
        return machine.file(machine.name() + ".nspawn");
    }

    /** Returns the contents of the file for a machine that runs one command. */
    public static String ofCommand(MachineCommand machineCommand) {
        StringBuilder text = new StringBuilder("[Exec]\nBoot=no\n");
        add(text, "WorkingDirectory", machineCommand.directory());
        add(text, "User", machineCommand.user());
        return text.append("Parameters=").append(words(List.of(NspawnCommand.INIT_IN_MACHINE, "--"))).append(' ')
                .append(words(machineCommand.command())).append('\n').append(environment(withDefaults(machineCommand.environment())))
                .toString();
    }

    /** Without an init that starts services, systemctl(1) has to exit with 0, as in a chroot, unless the caller chooses otherwise. */
    private static List<String> withDefaults(List<String> environment) {
        boolean chosen = environment.stream().anyMatch(variable -> variable.startsWith(OFFLINE));
        return chosen ? environment : Stream.concat(Stream.of(OFFLINE + "1"), environment.stream()).toList();
    }

    /**
     * Returns the contents of the file for a machine whose own init runs.
     *
     * @throws Failure INVALID_ARGUMENT for a variable of more than one line
     */
    public static String ofInit(List<String> environment) {
        for (String variable : environment) {
            if (hasLines(variable)) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the variable " + Printable.quoted(variable)
                        + " has more than one line, which is not supported for a machine that boots");
            }
        }
        return "[Exec]\nBoot=yes\n" + environment(environment);
    }

    /** Returns the command that runs {@link #script} with the image's shell, in whose syntax a word may have several lines. */
    public static MachineCommand viaScript(MachineCommand machineCommand) {
        return new MachineCommand(List.of("/bin/sh", SCRIPT), List.of(), "", machineCommand.user());
    }

    /** Returns a script that changes to the directory, sets the environment and executes the command. */
    public static String script(MachineCommand machineCommand) {
        StringBuilder text = new StringBuilder();
        if (!machineCommand.directory().isEmpty()) {
            text.append("cd -- ").append(quoted(machineCommand.directory())).append(" || exit\n");
        }
        machineCommand.environment().forEach(variable -> {
            int end = variable.indexOf('=');
            text.append("export ").append(variable, 0, end + 1).append(quoted(variable.substring(end + 1))).append('\n');
        });
        return text.append("exec ").append(words(machineCommand.command())).append('\n').toString();
    }

    private static void add(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append(name).append('=').append(value).append('\n');
        }
    }

    private static String environment(List<String> variables) {
        return variables.isEmpty() ? "" : "Environment=" + words(variables) + "\n";
    }

    private static String words(List<String> words) {
        return words.stream().map(NspawnSettings::quoted).collect(Collectors.joining(" "));
    }

    /** Quotes a word for systemd and for a shell: everything in single quotes is literal, and a single quote is put in double quotes. */
    private static String quoted(String word) {
        return "'" + word.replace("'", "'\"'\"'") + "'";
    }
}
