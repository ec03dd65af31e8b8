package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.libc.Libc;

/** The three streams that every process has. */
public enum StandardStream {
    INPUT(0), OUTPUT(1), ERROR(2);

    private static final int READ_WRITE_FOR_ALL = 0666;

    private final int fd;

    StandardStream(int fd) {
        this.fd = fd;
    }

    /** Its file descriptor. */
    public int fd() {
        return fd;
    }

    /**
     * Lets the root of a machine open it by its name, such as /dev/stderr, where it is a pipe: pipes belong to whoever made them, and that
     * is nobody in the machine. Nobody else gets at a pipe but by the descriptors of a process that has it.
     */
    public void letReopen() {
        try {
            if (opened().startsWith("pipe:")) {
                Libc.call("fchmod", fd(), READ_WRITE_FOR_ALL);
            }
        } catch (IOException e) {
            // It is closed, or another user's pipe: then a script has to use it as its standard stream.
        }
    }

    /** Whether it is a terminal, told by the name of what is open: isatty(3) would cost the loading of native code. */
    public boolean isTerminal() {
        try {
            String target = opened();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether a person sits at both ends: standard input and standard output are terminals. */
    public static boolean areTerminals() {
        return INPUT.isTerminal() && OUTPUT.isTerminal();
    }

    /** What the kernel calls what is open; proc_pid_fd(5). Throws IOException where it is closed. */
    private String opened() throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd())).toString();
    }
}
