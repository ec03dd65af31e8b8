package org.example.piimages.cli.command;

import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * One of piimagesctl's commands.
 *
 * <p>Its command line is described with picocli's model and not with annotations: reading annotations costs a fifth of the whole start, and
 * only the command that is called is described at all.
 */
public interface Subcommand {

    /** The start of a command's description: its name, how it is used and its one line; options and parameters are to be added. */
    static CommandSpec describe(Subcommand command, String name, String usage, String description) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(name);
        String synopsis = Options.PROGRAM + " " + name + " [OPTION]..." + (usage.isEmpty() ? "" : " " + usage);
        spec.usageMessage().customSynopsis(synopsis).description(description);
        return spec;
    }

    /** What picocli parses and explains; its user object is this. */
    CommandSpec spec();

    /** Carries it out and returns the exit status. Throws {@code CommandFailure} or {@link org.example.piimages.dbus.RemoteError}. */
    int run(ParseResult arguments, Session session);

    /** The exit status for a command line that makes no sense. */
    default int usageExitCode() {
        return ExitCode.USAGE;
    }
}
