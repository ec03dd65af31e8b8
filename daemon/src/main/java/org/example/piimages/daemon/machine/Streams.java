package org.example.piimages.daemon.machine;

import java.io.Closeable;
import org.example.piimages.daemon.linux.Undo;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * A command's standard streams, ours until closed; systemd gets copies.
 *
 * @param input null for /dev/null
 * @param output null for the journal
 * @param error null for the journal
 * @param terminal whether they are a terminal, so that the command is to get one of its own
 */
public record Streams(Fd input, Fd output, Fd error, boolean terminal) implements Closeable {

    private static final int F_DUPFD_CLOEXEC = 1030;

    /** Copies of descriptors that somebody else will close; each may be null. */
    public static Streams copyOf(Fd input, Fd output, Fd error, boolean terminal) {
        try (Undo undo = new Undo()) {
            Fd[] copies = new Fd[3];
            undo.add("close copies of descriptors", () -> new Streams(copies[0], copies[1], copies[2], terminal).close());
            copies[0] = copy(input);
            copies[1] = copy(output);
            copies[2] = copy(error);
            undo.commit();
            return new Streams(copies[0], copies[1], copies[2], terminal);
        }
    }

    private static Fd copy(Fd fd) {
        try {
            return fd == null ? null : new Fd(Libc.call("fcntl", fd.number(), F_DUPFD_CLOEXEC, 0));
        } catch (ErrnoException e) {
            throw new IllegalStateException("cannot copy a descriptor: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        for (Fd fd : new Fd[] {input, output, error}) {
            if (fd != null) {
                fd.close();
            }
        }
    }
}
