package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.libc.Libc;

/** The standard streams of a process. */
public enum StandardStream {
    INPUT(0), OUTPUT(1), ERROR(2);

    private static final int READ_WRITE_FOR_ALL = 0666;

    private final int fd;

    StandardStream(int fd) {
        this.fd = fd;
    }

    /** Returns the file descriptor. */
    public int fd() {
        return fd;
    }

    /**
     * Permits root in a machine to open the stream by its name, such as /dev/stderr, if it is a pipe. A pipe belongs to the user who
     * created it, who is not mapped in the machine. Other users cannot access it: a pipe can be opened only through the descriptors of a
     * process that has it.
     */
    public void permitReopen() {
        try {
            if (target().startsWith("pipe:")) {
                Libc.call("fchmod", fd(), READ_WRITE_FOR_ALL);
            }
        } catch (IOException e) {
            // The stream is closed, or is a pipe of another user: a script can use it only as its inherited standard stream.
        }
    }

    /** Returns whether the stream is a terminal, judging by the name of the open file: isatty(3) would require native code to be loaded. */
    public boolean isTerminal() {
        try {
            String target = target();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns whether standard input and standard output are both terminals. */
    public static boolean areTerminals() {
        return INPUT.isTerminal() && OUTPUT.isTerminal();
    }

    /** Returns the name of the open file; see proc_pid_fd(5). Throws IOException if the stream is closed. */
    private String target() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd())).toString();
    }
}
