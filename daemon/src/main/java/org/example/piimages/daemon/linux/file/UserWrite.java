package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.example.piimages.libc.ErrnoException;

/**
 * Writing into a user's file on their account. A write by root gets the blocks that a filesystem keeps for root, and more than the file's
 * owner may have: the kernel looks at who writes, not at who opened the file (ext4's resuid, CAP_SYS_RESOURCE; quotactl(2)).
 */
public final class UserWrite {

    /** What writes. */
    @FunctionalInterface
    public interface Writing {
        void run() throws IOException;
    }

    private UserWrite() {
    }

    /**
     * Writes with a user's rights, in a thread of its own, and returns when that is done.
     *
     * @param writing to files that are open already; it throws what it likes
     */
    public static void as(Credentials who, Writing writing) throws IOException {
        try {
            CallerThread.as(who, () -> {
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
