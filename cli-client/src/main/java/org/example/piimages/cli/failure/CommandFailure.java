package org.example.piimages.cli.failure;

import java.io.PrintStream;

/** Thrown when a command cannot continue. The message is one line for the user: what failed, on which file, why, and what to do next. */
public final class CommandFailure extends RuntimeException {

    private final int exitCode;

    /** Creates a failure that ends the program with an exit status of {@link ExitCode}. */
    public CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }

    /** Prints the message in one line. */
    public void reportTo(PrintStream err) {
        // The message may contain texts of the service, file names and command lines with arbitrary characters; it must stay one line.
        err.println("piimagesctl: " + Printable.of(getMessage()));
    }
}
