package org.example.piimages.cli.failure;

import java.io.PrintStream;

/** A command cannot go on. The message is one line for people: what failed, on which file, why, and what to do next. */
public final class CommandFailure extends RuntimeException {

    private final int exitCode;

    /** A failure that ends the program with one of {@link ExitCode}. */
    public CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    /** Prints in one line what went wrong. */
    public void reportTo(PrintStream err) {
        // The daemon's texts, file names and command lines end up here: one line, whatever is in them.
        err.println("piimagesctl: " + Printable.of(getMessage()));
    }
}
