package org.example.piimages.cli;

/** The exit status of piimagesctl; piimagesctl(1), "EXIT STATUS". */
final class ExitCode {
    static final int OK = 0;
    /** It was tried and failed. */
    static final int FAILED = 1;
    /** The command line makes no sense. */
    static final int USAGE = 2;
    /** There is no such file, image or machine, or the image is not mounted. */
    static final int NOT_FOUND = 3;
    /** The user may not. */
    static final int DENIED = 4;
    /** Something else is using it. */
    static final int BUSY = 5;
    /** The message bus or the service does not answer. */
    static final int UNREACHABLE = 6;

    /** Only from run, as env(1) and timeout(1) have it: it failed before the command ran. */
    static final int RUN_FAILED = 125;
    static final int COMMAND_NOT_EXECUTABLE = 126;
    static final int COMMAND_NOT_FOUND = 127;

    private ExitCode() {
    }
}
