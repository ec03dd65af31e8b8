package org.example.piimages.daemon.linux.systemd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * The socket of systemd-journald for entries with fields. If standard error is not connected to the journal, as in a terminal or a test,
 * entries are written to standard error instead; "$JOURNAL_STREAM" in systemd.exec(5), sd_journal_stream_fd(3).
 */
public final class JournalSocket {

    private static final UnixDatagramSocket JOURNAL =
            standardErrorIsTheJournal() ? UnixDatagramSocket.to("/run/systemd/journal/socket") : UnixDatagramSocket.discarding();

    private JournalSocket() {
    }

    /**
     * Writes an entry. Never fails and never blocks, because logging must not disturb the caller.
     *
     * @param entry the entry in the native journal protocol
     * @param lines supplies the entry as text for standard error; called only if it is needed
     */
    public static void write(byte[] entry, Supplier<String> lines) {
        if (!JOURNAL.send(entry)) {
            System.err.print(lines.get());
            System.err.flush();
        }
    }

    /**
     * Whether standard error is connected to the journal. The variable has the device and inode of that file, because a process whose
     * standard error was redirected inherits it too.
     */
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
