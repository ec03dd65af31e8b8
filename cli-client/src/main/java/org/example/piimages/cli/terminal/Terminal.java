package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/** The terminal that standard input is: its settings, termios(3), and whether this process is in its foreground, credentials(7). */
final class Terminal {

    /** More than struct termios takes anywhere. */
    private static final int TERMIOS = 256;
    private static final int TCSANOW = 0;
    private static final int POLLFD = 8;
    private static final short POLLIN = 1;

    private final byte[] cooked = new byte[TERMIOS];
    private boolean isRaw;

    /** Whether the shell has given the terminal to this process's group; another one that touches it would be stopped. */
    static boolean isForeground() {
        return ProcessStatus.own().filter(ProcessStatus::isForeground).isPresent();
    }

    /** Lets every key through to the command, in the foreground alone: while a shell edits a line, the settings are the shell's. */
    synchronized void makeRaw() {
        if (isRaw || !isForeground()) {
            return;
        }
        try {
            Libc.call("tcgetattr", StandardStream.INPUT.fd(), cooked);
        } catch (ErrnoException e) {
            // The terminal is gone: there is nothing to set.
            return;
        }
        byte[] raw = cooked.clone();
        Libc.callInfallible("cfmakeraw", raw);
        isRaw = set(raw);
    }

    /** After a stop: what the settings are now is somebody else's doing. */
    synchronized void continued() {
        isRaw = false;
        makeRaw();
    }

    /** Puts the settings back, if they were changed. */
    synchronized void restore() {
        if (isRaw && isForeground()) {
            set(cooked);
        }
        isRaw = false;
    }

    /** False where the terminal is gone: then there is nothing to set. */
    private static boolean set(byte[] settings) {
        try {
            Libc.call("tcsetattr", StandardStream.INPUT.fd(), TCSANOW, settings);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /**
     * Waits until there is something to read, without reading: read(2) itself would stop a process that was put into the background
     * meanwhile. Returns false when so much time has passed.
     */
    static boolean awaitInput(int milliseconds) throws IOException {
        ByteBuffer poll = ByteBuffer.allocateDirect(POLLFD).order(ByteOrder.nativeOrder()).putInt(0, StandardStream.INPUT.fd()).putShort(4,
                POLLIN);
        try {
            return Libc.call("poll", poll, 1, milliseconds) > 0;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINTR) {
                throw e;
            }
            return false;
        }
    }
}
