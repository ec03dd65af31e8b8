package org.example.piimages.daemon.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * journald's socket for entries with fields. Where standard error does not lead to the journal, as in a terminal or a test, entries go to
 * standard error instead; sd_journal_stream_fd(3), "$JOURNAL_STREAM".
 */
public final class JournalSocket {

    private static final String PATH = "/run/systemd/journal/socket";
    private static final int AF_UNIX = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_NOSIGNAL = 0x4000;

    private static final JournalSocket INSTANCE = standardErrorIsTheJournal() ? open(PATH) : new JournalSocket(null, new byte[0]);

    private final Fd socket;
    private final byte[] address;

    private JournalSocket(Fd socket, byte[] address) {
        this.socket = socket;
        this.address = address;
    }

    /**
     * Writes an entry. Never fails and never waits: whoever logs has something else to do.
     *
     * @param entry in the native protocol
     * @param lines the same as text, for standard error
     */
    public static void write(byte[] entry, String lines) {
        if (!INSTANCE.send(entry)) {
            System.err.print(lines);
            System.err.flush();
        }
    }

    /** A socket that sends to that path; one that sends nothing when the kernel gives none. */
    static JournalSocket open(String path) {
        try {
            return new JournalSocket(new Fd(Libc.call("socket", AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), address(path));
        } catch (ErrnoException e) {
            return new JournalSocket(null, new byte[0]);
        }
    }

    /** struct sockaddr_un: the family and the path with its zero. */
    static byte[] address(String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(2 + name.length + 1).order(ByteOrder.nativeOrder()).putShort((short) AF_UNIX).put(name).array();
    }

    /** False when journald is not there, has too much to do, or cannot take an entry of that length. */
    boolean send(byte[] entry) {
        try {
            return socket != null && Libc.callLong("sendto", socket.number(), entry, entry.length, MSG_DONTWAIT | MSG_NOSIGNAL, address,
                    address.length) == entry.length;
        } catch (ErrnoException e) {
            return false;
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
