package org.example.piimages.cli.terminal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/**
 * Detects the end of an ssh connection without a terminal. sshd(8) sends no signal in this case, but closes the other ends of standard
 * output and standard error. {@code RemoteHost} enables this with an environment variable; other commands may continue without readers.
 */
public final class SshHangupWatch {

    /** The environment variable that is set if piimagesctl was started over ssh by piimagesctl on another host. */
    public static final String VARIABLE = "PIIMAGES_REMOTE";

    private static final int STATUS_HANGUP = 129;
    private static final int POLLFD = 8;
    private static final int REVENTS = 6;

    private SshHangupWatch() {
    }

    /** Terminates this process with the status of SIGHUP once both streams are closed; has no effect if the variable is not set. */
    public static void start() {
        if (System.getenv(VARIABLE) != null) {
            Thread thread = new Thread(SshHangupWatch::await, "ssh-hangup");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void await() {
        int[] fds = {StandardStream.OUTPUT.fd(), StandardStream.ERROR.fd()};
        ByteBuffer poll = ByteBuffer.allocateDirect(fds.length * POLLFD).order(ByteOrder.nativeOrder());
        while (fds[0] >= 0 || fds[1] >= 0) {
            for (int i = 0; i < fds.length; i++) {
                // poll(2) ignores negative descriptors, and always reports hangups.
                poll.putInt(i * POLLFD, fds[i]).putInt(i * POLLFD + Integer.BYTES, 0);
            }
            try {
                Libc.call("poll", poll, fds.length, -1);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    return;
                }
                continue;
            }
            for (int i = 0; i < fds.length; i++) {
                if (poll.getShort(i * POLLFD + REVENTS) != 0) {
                    fds[i] = -1;
                }
            }
        }
        System.exit(STATUS_HANGUP);
    }
}
