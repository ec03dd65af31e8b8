package org.example.piimages.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The three streams that every process has. */
enum StandardStream {
    INPUT(0), OUTPUT(1), ERROR(2);

    private final int fd;

    StandardStream(int fd) {
        this.fd = fd;
    }

    /** Its file descriptor. */
    int fd() {
        return fd;
    }

    /** Whether it is a terminal, told by the name of what is open: isatty(3) would cost the loading of native code. */
    boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd())).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
