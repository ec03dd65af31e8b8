package org.example.piimages.cli.failure;

/** The exit status of piimagesctl; piimagesctl(1), "EXIT STATUS". */
public final class ExitCode {
    public static final int OK = 0;
    /** It was tried and failed. */
    public static final int FAILED = 1;
    /** The command line makes no sense. */
    public static final int USAGE = 2;
    /** There is no such file, image or machine, or the image is not mounted. */
    public static final int NOT_FOUND = 3;
    /** The user may not. */
    public static final int DENIED = 4;
    /** Something else is using it. */
    public static final int BUSY = 5;
    /** The message bus or the service does not answer. */
    public static final int UNREACHABLE = 6;

    /** Only from run, as env(1) and timeout(1) have it: it failed before the command ran. */
    public static final int RUN_FAILED = 125;
    public static final int COMMAND_NOT_EXECUTABLE = 126;
    public static final int COMMAND_NOT_FOUND = 127;

    private ExitCode() {
    }
}
