package org.example.piimages.build.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

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
    public static BuildException failed(String message) {
        return new BuildException(FAILED, message);
    }

    /** The recipe or the command line makes no sense. */
    public static BuildException request(String message) {
        return new BuildException(USAGE, message);
    }

    /** There is no such file. */
    public static BuildException notFound(String message) {
        return new BuildException(NOT_FOUND, message);
    }

    /** It is not permitted. */
    public static BuildException denied(String message) {
        return new BuildException(DENIED, message);
    }

    /** Somebody else is at it. */
    public static BuildException busy(String message) {
        return new BuildException(BUSY, message);
    }

    /** What Java says of a file that is missing, or that it may not read, is its name alone. */
    public static String reason(IOException problem) {
        if (problem instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file or directory";
        }
        if (problem instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (problem instanceof FileAlreadyExistsException existing) {
            return existing.getFile() + ": exists and is not a directory";
        }
        return problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
    }

    /** The exit status that this ends the program with. */
    public int status() {
        return status;
    }

    /** Whether it was tried and failed. */
    public boolean isFailure() {
        return status == FAILED;
    }

    /** Whether a file that is named is not there. */
    public boolean isNotFound() {
        return status == NOT_FOUND;
    }

    /** The same, with the command of the recipe that it happened in. */
    public BuildException at(Location location) {
        return new BuildException(status, location + ": " + getMessage());
    }
}
