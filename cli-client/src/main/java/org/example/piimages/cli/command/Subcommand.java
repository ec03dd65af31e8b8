package org.example.piimages.cli.command;

import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * A command of piimagesctl.
 *
 * <p>The command line is described with picocli's model, not with annotations: reading annotations takes a fifth of the startup time, and
 * with the model only the command that is executed needs a description.
 */
public interface Subcommand {

    /**
     * Creates the model of a command without options and parameters.
     *
     * @param usage the synopsis after the name and the options
     * @param description the description in one line
     */
    static CommandSpec describe(Subcommand command, String name, String usage, String description) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(command).name(name);
        String synopsis = Options.PROGRAM + " " + name + " [OPTION]..." + (usage.isEmpty() ? "" : " " + usage);
        spec.usageMessage().customSynopsis(synopsis).description(description);
        return spec;
    }

    /** Creates picocli's model of the command line, whose user object is this command. */
    CommandSpec spec();

    /**
     * Executes the command and returns the exit status.
     *
     * @throws org.example.piimages.cli.failure.CommandFailure if the command fails in this process
     * @throws org.example.piimages.dbus.RemoteError if the service returns an error
     */
    int run(ParseResult arguments, Session session);

    /** Returns the exit status for an invalid command line. */
    default int usageExitCode() {
        return ExitCode.USAGE;
    }
}
