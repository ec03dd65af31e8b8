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
 * Another machine, on which the command is carried out by its own piimagesctl, over ssh(1).
 *
 * <p>systemctl reaches into the other machine's bus. That would do for a mount, but not for a run: a bus that goes through a pipe passes no
 * file descriptors, so the command would have neither input nor output nor a terminal, and no agent could ask for a password. ssh has all
 * that.
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

    /** Lets the program take it, before the command: after it the same letters may be the command's own. */
    static void addTo(CommandSpec program) {
        program.addOption(OptionSpec.builder(SHORT, LONG).type(String.class).arity("1").paramLabel("[USER@]HOST")
                .description("Execute the command on another machine over ssh; precedes the command").build());
    }

    /** Whether the argument is the option, and the next one its value. */
    static boolean takesNext(String argument) {
        return argument.equals(LONG) || inCluster(argument) == argument.length() - 1 && inCluster(argument) > 0;
    }

    /** The host that a command line names; null for this one. Throws {@link CommandFailure} for a name that ssh takes for an option. */
    public static RemoteHost of(String name, String... arguments) {
        if (name == null) {
            return null;
        }
        if (name.isEmpty() || name.startsWith("-")) {
            throw new CommandFailure(ExitCode.USAGE, "'" + Printable.of(name) + "' is not a host name; see: piimagesctl --help");
        }
        return new RemoteHost(name, without(arguments));
    }

    /** The arguments without the option; all that follow the command are its own. */
    private static List<String> without(String... arguments) {
        List<String> words = new ArrayList<>();
        int i = 0;
        for (; i < arguments.length && arguments[i].startsWith("-"); i++) {
            String argument = arguments[i];
            int cluster = inCluster(argument);
            if (cluster > 1) {
                // What stands before it are options of one letter; behind it is its value, if that is not the next argument.
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

    /** Where the option's letter stands in an argument such as -qH; 0 where it is not in it. */
    private static int inCluster(String argument) {
        return argument.startsWith("--") ? 0 : Math.max(0, argument.indexOf(SHORT.charAt(1)));
    }

    /** ssh's command line; the other machine's shell takes the last word apart. */
    List<String> commandLine(boolean terminal) {
        List<String> line = new ArrayList<>(List.of("ssh"));
        if (terminal) {
            line.add("-t");
        }
        // Without a terminal nothing else tells the other side that this one has ended.
        List<String> remote = new ArrayList<>(terminal ? List.of() : List.of("env", SshHangupWatch.VARIABLE + "=1"));
        remote.add(Options.PROGRAM);
        remote.addAll(words);
        line.addAll(List.of("--", name, CommandText.of(remote)));
        return line;
    }

    /** Carries out the command there. Returns its exit status; ssh's own, where it does not get there, is 255. */
    public int run() {
        boolean terminal = StandardStream.areTerminals();
        try {
            Process ssh = new ProcessBuilder(commandLine(terminal)).inheritIO().start();
            // A signal that ends this process ends ssh, too.
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
