package org.example.piimages.build.failure;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/** Thrown when a build or a download cannot continue. The message is one line for the user: where, what, why, and what to do next. */
public final class BuildException extends Exception {

    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;
    private static final int DENIED = 4;
    private static final int BUSY = 5;

    private final int status;

    /** Creates an exception that ends the program with this exit status; see piimagesctl(1), "EXIT STATUS". */
    public BuildException(int status, String message) {
        super(message);
        this.status = status;
    }

    /** Returns an exception for an operation that was attempted and failed. */
    public static BuildException failed(String message) {
        return new BuildException(FAILED, message);
    }

    /** Returns an exception for an invalid recipe or command line. */
    public static BuildException request(String message) {
        return new BuildException(USAGE, message);
    }

    /** Returns an exception for a file that does not exist. */
    public static BuildException notFound(String message) {
        return new BuildException(NOT_FOUND, message);
    }

    /** Returns an exception for an operation that is not permitted. */
    public static BuildException denied(String message) {
        return new BuildException(DENIED, message);
    }

    /** Returns an exception for a resource that another process is using. */
    public static BuildException busy(String message) {
        return new BuildException(BUSY, message);
    }

    /** Returns the message of an exception. Java's own message is only the file name if the file is missing or not accessible. */
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
        if (problem instanceof DirectoryNotEmptyException directory) {
            return directory.getFile() + ": is a directory that is not empty";
        }
        return problem.getMessage() == null ? problem.getClass().getSimpleName() : problem.getMessage();
    }

    /** Returns the exit status of the program. */
    public int status() {
        return status;
    }

    /** Returns whether the operation was attempted and failed. */
    public boolean isFailure() {
        return status == FAILED;
    }

    /** Returns whether a named file does not exist. */
    public boolean isNotFound() {
        return status == NOT_FOUND;
    }

    /** Returns whether another process is using a resource. */
    public boolean isBusy() {
        return status == BUSY;
    }

    /** Returns a copy whose message begins with the location in the recipe. */
    public BuildException at(Location location) {
        return new BuildException(status, location + ": " + getMessage());
    }
}
