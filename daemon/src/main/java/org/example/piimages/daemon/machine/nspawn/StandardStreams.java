package org.example.piimages.daemon.machine.nspawn;

import java.io.Closeable;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.FilesystemType;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * The standard streams of a command. They belong to the daemon until they are closed; systemd receives duplicates.
 *
 * @param input the standard input; null for /dev/null
 * @param output the standard output; null for the journal
 * @param error the standard error; null for the journal
 * @param terminal whether input and output are a terminal, so that the command gets a terminal of its own
 */
public record StandardStreams(Fd input, Fd output, Fd error, boolean terminal) implements Closeable {

    /**
     * Duplicates descriptors, which the caller still has to close; each may be null.
     *
     * <p>For a command on a terminal, systemd-nspawn reads and writes them as root, so a write must have no other effect than one by the
     * caller.
     *
     * @throws Failure INVALID_ARGUMENT for a kernel file such as those in /proc, and for an input or output that should be a terminal but
     *         is not
     */
    public static StandardStreams copyOf(Fd input, Fd output, Fd error, boolean terminal) {
        require("stdin", input, terminal);
        require("stdout", output, terminal);
        require("stderr", error, false);
        try (Undo undo = new Undo()) {
            Fd[] copies = new Fd[3];
            undo.add("close copies of descriptors", () -> new StandardStreams(copies[0], copies[1], copies[2], terminal).close());
            copies[0] = copy(input);
            copies[1] = copy(output);
            copies[2] = copy(error);
            undo.commit();
            return new StandardStreams(copies[0], copies[1], copies[2], terminal);
        }
    }

    private static void require(String name, Fd fd, boolean terminal) {
        if (fd == null) {
            return;
        }
        if (terminal && !isTerminal(fd)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, name + " is not a terminal; pass one, or omit the option terminal");
        }
        if (FilesystemType.isKernelInterface(fd)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    name + " is a kernel file, such as those in /proc; pass a pipe or a regular file");
        }
    }

    private static boolean isTerminal(Fd fd) {
        try {
            return Libc.call("isatty", fd.number()) == 1;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private static Fd copy(Fd fd) {
        try {
            return fd == null ? null : fd.copy();
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
