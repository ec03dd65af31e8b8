package org.example.piimages.cli;

/** A command cannot go on. The message is one line for people: what failed, on which file, why, and what to do next. */
final class CommandFailure extends RuntimeException {

    private final int exitCode;

    /** A failure that ends the program with one of {@link ExitCode}. */
    CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
