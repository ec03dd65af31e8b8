package org.example.piimages.daemon.machine.nspawn;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.machine.record.MachineRecord;

/**
 * What a machine runs, as a file of systemd.nspawn(5) that root alone reads: a unit's properties, and a process's arguments, anybody can.
 * Pure.
 */
public final class NspawnSettings {

    /** Where the machine sees a script that stands for a command the file has no words for. */
    public static final String SCRIPT = "/run/piimages/command";
    private static final String OFFLINE = "SYSTEMD_OFFLINE=";
    /** What is sure to fit into a line, however many bytes a character takes. */
    private static final int MOST = 200_000;

    private NspawnSettings() {
    }

    /** Whether the file can say it: it has a line for each setting, of up to 1 MiB, and no escapes; a backslash at its end joins two. */
    public static boolean canSay(Task task) {
        String directory = task.directory();
        return Stream.of(words(task.command()), words(task.environment())).noneMatch(words -> hasLines(words) || words.length() > MOST)
                && !hasLines(directory) && directory.strip().equals(directory) && !directory.endsWith("\\");
    }

    /** Whether a text is more than one line to systemd. */
    private static boolean hasLines(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }

    /** Where nspawn looks for a machine's file: beside the folder that is its root. */
    public static Path file(MachineRecord machine) {
        return machine.file(machine.name() + ".nspawn");
    }

    /** The file for a machine that runs one command. */
    public static String ofCommand(Task task) {
        StringBuilder text = new StringBuilder("[Exec]\nBoot=no\n");
        add(text, "WorkingDirectory", task.directory());
        add(text, "User", task.user());
        return text.append("Parameters=").append(words(List.of(NspawnCommand.INIT_IN_MACHINE, "--"))).append(' ')
                .append(words(task.command())).append('\n').append(environment(withDefaults(task.environment()))).toString();
    }

    /** Nobody is there to start services: systemctl(1) says so and ends with 0, as it does in a chroot. The caller may say otherwise. */
    private static List<String> withDefaults(List<String> environment) {
        boolean chosen = environment.stream().anyMatch(variable -> variable.startsWith(OFFLINE));
        return chosen ? environment : Stream.concat(Stream.of(OFFLINE + "1"), environment.stream()).toList();
    }

    /** The file for a machine whose own init runs. Throws Failure INVALID_ARGUMENT for a variable of more than one line. */
    public static String ofInit(List<String> environment) {
        for (String variable : environment) {
            if (hasLines(variable)) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the variable " + Printable.quoted(variable)
                        + " has more than one line, which is not supported for a machine that boots");
            }
        }
        return "[Exec]\nBoot=yes\n" + environment(environment);
    }

    /** The same command as a script for the image's shell, which knows how to write lines. */
    public static Task viaScript(Task task) {
        return new Task(List.of("/bin/sh", SCRIPT), List.of(), "", task.user());
    }

    /** That script. */
    public static String script(Task task) {
        StringBuilder text = new StringBuilder();
        if (!task.directory().isEmpty()) {
            text.append("cd -- ").append(quoted(task.directory())).append(" || exit\n");
        }
        task.environment().forEach(variable -> {
            int end = variable.indexOf('=');
            text.append("export ").append(variable, 0, end + 1).append(quoted(variable.substring(end + 1))).append('\n');
        });
        return text.append("exec ").append(words(task.command())).append('\n').toString();
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

    /** Within single quotes all is literal, to systemd and to a shell; a single quote stands in double ones. */
    private static String quoted(String word) {
        return "'" + word.replace("'", "'\"'\"'") + "'";
    }
}
