package org.example.piimages.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * One of piimagesctl's commands.
 *
 * <p>Its command line is described with picocli's model and not with annotations: reading annotations costs a fifth of the whole start, and
 * only the command that is called is described at all.
 */
interface Subcommand {

    /** What picocli parses and explains; its user object is this. */
    CommandSpec spec();

    /** Carries it out and returns the exit status. Throws {@link CommandFailure} or {@link org.example.piimages.dbus.RemoteError}. */
    int run(ParseResult arguments, Session session);

    /** The exit status for a command line that makes no sense. */
    default int usageExitCode() {
        return ExitCode.USAGE;
    }
}
