package org.example.piimages.cli.terminal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/** The terminal on standard input: its settings, termios(3), and whether this process is in the foreground, credentials(7). */
final class Terminal {

    /** More than struct termios takes anywhere. */
    private static final int TERMIOS = 256;
    private static final int TCSANOW = 0;
    private static final int POLLFD = 8;
    private static final short POLLIN = 1;

    private final byte[] cooked = new byte[TERMIOS];
    private boolean isRaw;

    /** Returns whether this process is in the foreground process group; the kernel stops background processes that use the terminal. */
    static boolean isForeground() {
        return ProcessStatus.own().filter(ProcessStatus::isForeground).isPresent();
    }

    /** Sets raw mode so that all keys reach the command; only in the foreground, because otherwise the settings belong to the shell. */
    synchronized void makeRaw() {
        if (isRaw || !isForeground()) {
            return;
        }
        try {
            Libc.call("tcgetattr", StandardStream.INPUT.fd(), cooked);
        } catch (ErrnoException e) {
            // The terminal no longer exists, so there is nothing to set.
            return;
        }
        byte[] raw = cooked.clone();
        Libc.callInfallible("cfmakeraw", raw);
        isRaw = set(raw);
    }

    /** Sets raw mode again after a stop, during which the shell has changed the settings. */
    synchronized void continued() {
        isRaw = false;
        makeRaw();
    }

    /** Restores the settings if they were changed. */
    synchronized void restore() {
        if (isRaw && isForeground()) {
            set(cooked);
        }
        isRaw = false;
    }

    /** Applies settings; returns false if the terminal no longer exists. */
    private static boolean set(byte[] settings) {
        try {
            Libc.call("tcsetattr", StandardStream.INPUT.fd(), TCSANOW, settings);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    /**
     * Waits for input without reading it: read(2) would stop this process if it was moved to the background in the meantime. Returns false
     * after the timeout.
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
