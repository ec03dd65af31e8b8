package org.example.piimages.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.CommandText;
import org.example.piimages.cli.terminal.SshHangupWatch;
import org.example.piimages.cli.terminal.StandardStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Another machine, whose own piimagesctl executes the command, over ssh(1).
 *
 * <p>systemctl(1) connects to the bus of the other machine instead. This would suffice for mount, but not for run: a bus connection through
 * a pipe cannot pass file descriptors, so the command would have no input, output or terminal, and no agent could ask for a password. ssh
 * provides all of these.
 */
public final class RemoteHost {

    private static final String SHORT = "-H";
    private static final String LONG = "--host";
    private static final List<String> WITH_VALUE = List.of("--json");

    private final String name;
    private final List<String> words;

    private RemoteHost(String name, List<String> words) {
        this.name = name;
        this.words = words;
    }

    /** Adds the option to the program. It must precede the command, which may have an option with the same letter. */
    static void addTo(CommandSpec program) {
        program.addOption(OptionSpec.builder(SHORT, LONG).type(String.class).arity("1").paramLabel("[USER@]HOST")
                .description("Execute the command on another machine over ssh; precedes the command").build());
    }

    /** Returns whether the argument is the option, and the next argument its value. */
    static boolean takesNext(String argument) {
        return argument.equals(LONG) || inCluster(argument) == argument.length() - 1 && inCluster(argument) > 0;
    }

    /**
     * Returns the host of a command line; null for this host.
     *
     * @param name the value of the option; null if it was not specified
     * @throws CommandFailure if the name is empty, or ssh would treat it as an option
     */
    public static RemoteHost of(String name, String... arguments) {
        if (name == null) {
            return null;
        }
        if (name.isEmpty() || name.startsWith("-")) {
            throw new CommandFailure(ExitCode.USAGE, "'" + Printable.of(name) + "' is not a host name; see: piimagesctl --help");
        }
        return new RemoteHost(name, without(arguments));
    }

    /** Returns the arguments without the option; those after the name of the command are not examined. */
    private static List<String> without(String... arguments) {
        List<String> words = new ArrayList<>();
        int i = 0;
        for (; i < arguments.length && arguments[i].startsWith("-"); i++) {
            String argument = arguments[i];
            int cluster = inCluster(argument);
            if (cluster > 1) {
                // The letters before it are other options; the text after it is its value, unless that is the next argument.
                words.add(argument.substring(0, cluster));
            }
            if (takesNext(argument)) {
                i++;
            } else if (cluster == 0 && !argument.startsWith(LONG + "=")) {
                words.add(argument);
                if (WITH_VALUE.contains(argument)) {
                    words.add(arguments[++i]);
                }
            }
        }
        words.addAll(List.of(arguments).subList(i, arguments.length));
        return words;
    }

    /** Returns the index of the option's letter in an argument such as -qH; 0 if the argument does not have it. */
    private static int inCluster(String argument) {
        return argument.startsWith("--") ? 0 : Math.max(0, argument.indexOf(SHORT.charAt(1)));
    }

    /** Returns the command line of ssh; the shell of the other machine splits its last word. */
    List<String> commandLine(boolean terminal) {
        List<String> line = new ArrayList<>(List.of("ssh"));
        if (terminal) {
            line.add("-t");
        }
        // Without a terminal, the other side has no other way to detect that this process has exited.
        List<String> remote = new ArrayList<>(terminal ? List.of() : List.of("env", SshHangupWatch.VARIABLE + "=1"));
        remote.add(Options.PROGRAM);
        remote.addAll(words);
        line.addAll(List.of("--", name, CommandText.of(remote)));
        return line;
    }

    /** Executes the command on the host and returns its exit status; 255, that of ssh itself, if the connection fails. */
    public int run() {
        boolean terminal = StandardStream.areTerminals();
        try {
            Process ssh = new ProcessBuilder(commandLine(terminal)).inheritIO().start();
            // A signal that terminates this process also terminates ssh.
            Runtime.getRuntime().addShutdownHook(new Thread(ssh::destroy, "ssh"));
            return ssh.waitFor();
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.UNREACHABLE, "cannot start ssh: " + e.getMessage() + "; install the package openssh-client");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted");
        }
    }
}
