package org.example.piimages.libc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whom the bus takes this thread for. The library asks Java's UnixSystem, which says 0 for a user who is not in the password file; such a
 * client would present itself as root, and be refused.
 */
public final class EffectiveUser {

    private static final String LINE = "Uid:";

    private EffectiveUser() {
    }

    /** The thread's effective uid; the second number of "Uid:" in /proc/thread-self/status, proc(5). */
    public static long uid() {
        try {
            return uid(Files.readString(Path.of("/proc/thread-self/status")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long uid(String status) {
        int line = status.indexOf("\n" + LINE);
        return Long.parseLong(status.substring(line + 1 + LINE.length(), status.indexOf('\n', line + 1)).strip().split("\t")[1]);
    }
}
