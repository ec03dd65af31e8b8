package org.example.piimages.build;

/** A build or a download cannot go on. The message is one line for people: where, what, why, what to do next. */
public final class BuildException extends Exception {

    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;
    private static final int DENIED = 4;
    private static final int BUSY = 5;

    private final int status;

    /** A failure that ends the program with this exit status; piimagesctl(1), "EXIT STATUS". */
    public BuildException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** It was tried and failed. */
    static BuildException failed(String message) {
        return new BuildException(FAILED, message);
    }

    /** The recipe or the command line makes no sense. */
    static BuildException request(String message) {
        return new BuildException(USAGE, message);
    }

    /** There is no such file. */
    static BuildException notFound(String message) {
        return new BuildException(NOT_FOUND, message);
    }

    /** It is not permitted. */
    static BuildException denied(String message) {
        return new BuildException(DENIED, message);
    }

    /** Somebody else is at it. */
    static BuildException busy(String message) {
        return new BuildException(BUSY, message);
    }

    /** The exit status that this ends the program with. */
    public int status() {
        return status;
    }

    /** Whether it was tried and failed. */
    boolean isFailure() {
        return status == FAILED;
    }

    /** Whether a file that is named is not there. */
    boolean isNotFound() {
        return status == NOT_FOUND;
    }

    /** The same, with the command of the recipe that it happened in. */
    BuildException at(Location location) {
        return new BuildException(status, location + ": " + getMessage());
    }
}
