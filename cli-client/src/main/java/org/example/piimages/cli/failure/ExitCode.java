package org.example.piimages.cli.failure;

/** The exit statuses of piimagesctl; see piimagesctl(1), "EXIT STATUS". */
public final class ExitCode {
    public static final int OK = 0;
    /** The operation was attempted and failed. */
    public static final int FAILED = 1;
    /** The command line is invalid. */
    public static final int USAGE = 2;
    /** There is no such file, image or machine, or the image is not mounted. */
    public static final int NOT_FOUND = 3;
    /** The user is not authorised. */
    public static final int DENIED = 4;
    /** The resource is in use. */
    public static final int BUSY = 5;
    /** The message bus or the service does not answer. */
    public static final int UNREACHABLE = 6;

    /** From run only: it failed before the command was started; as for env(1) and timeout(1). */
    public static final int RUN_FAILED = 125;
    public static final int COMMAND_NOT_EXECUTABLE = 126;
    public static final int COMMAND_NOT_FOUND = 127;

    private ExitCode() {
    }
}
