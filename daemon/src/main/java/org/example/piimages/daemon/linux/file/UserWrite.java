package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.example.piimages.libc.ErrnoException;

/**
 * Writes to a user's file on that user's account. A write by root may use the blocks that a filesystem reserves for root, and exceed the
 * owner's quota: the kernel checks the credentials of the writer, not those of the opener (ext4's resuid, CAP_SYS_RESOURCE; quotactl(2)).
 */
public final class UserWrite {

    /** A write operation. */
    @FunctionalInterface
    public interface Writing {
        void run() throws IOException;
    }

    private UserWrite() {
    }

    /**
     * Writes with a user's access rights, in a thread of its own, and waits for it.
     *
     * @param writing writes to files that are already open; its exceptions are passed on
     */
    public static void as(Credentials credentials, Writing writing) throws IOException {
        try {
            CallerThread.as(credentials, () -> {
                run(writing);
                return null;
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void run(Writing writing) throws ErrnoException {
        try {
            writing.run();
        } catch (ErrnoException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
