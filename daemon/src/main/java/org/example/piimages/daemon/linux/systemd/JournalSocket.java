package org.example.piimages.daemon.linux.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * journald's socket for entries with fields. Where standard error does not lead to the journal, as in a terminal or a test, entries go to
 * standard error instead; sd_journal_stream_fd(3), "$JOURNAL_STREAM".
 */
public final class JournalSocket {

    private static final UnixDatagrams JOURNAL =
            standardErrorIsTheJournal() ? UnixDatagrams.to("/run/systemd/journal/socket") : UnixDatagrams.nowhere();

    private JournalSocket() {
    }

    /**
     * Writes an entry. Never fails and never waits: whoever logs has something else to do.
     *
     * @param entry in the native protocol
     * @param lines the same as text, for standard error; asked for only then
     */
    public static void write(byte[] entry, Supplier<String> lines) {
        if (!JOURNAL.send(entry)) {
            System.err.print(lines.get());
            System.err.flush();
        }
    }

    /** The variable names the file behind standard error: DEVICE:INODE. A process that was given another standard error inherits it too. */
    private static boolean standardErrorIsTheJournal() {
        String stream = System.getenv("JOURNAL_STREAM");
        if (stream == null) {
            return false;
        }
        try {
            Path error = Path.of("/proc/self/fd/2");
            return stream.equals(Files.getAttribute(error, "unix:dev") + ":" + Files.getAttribute(error, "unix:ino"));
        } catch (IOException e) {
            return false;
        }
    }
}
