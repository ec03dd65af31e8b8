package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * Reads data that a client passes in a file or pipe of its own, such as a passphrase. A client that does not write is not waited for
 * indefinitely.
 */
public final class PassedData {

    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final short POLLIN = 1;
    private static final int POLLFD_SIZE = 8;
    private static final int POLLFD_EVENTS = 4;

    private PassedData() {
    }

    /**
     * Reads from the current position to the end.
     *
     * @param fd open for reading; O_NONBLOCK is set on the open file description, and so for all that share it
     * @param limit the maximum number of bytes
     * @param timeout how long to wait for the end of a pipe
     * @throws Failure INVALID_ARGUMENT if there are more bytes, the end is not reached in time, or it is neither a file nor a pipe or
     * socket
     */
    public static byte[] read(Fd fd, int limit, Duration timeout) throws IOException {
        int flags = Libc.call("fcntl", fd.number(), F_GETFL, 0);
        if ((flags & OpenFlags.O_PATH) != 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the descriptor is not open for reading");
        }
        FileStatus status = FileStatus.of(fd);
        if (!status.isStream() && (!status.isRegularFile() || FilesystemType.isKernelInterface(fd))) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the descriptor is " + status.kind() + ", not a file or pipe");
        }
        Libc.call("fcntl", fd.number(), F_SETFL, flags | OpenFlags.O_NONBLOCK);
        long end = System.nanoTime() + timeout.toNanos();
        byte[] bytes = new byte[limit + 1];
        int length = 0;
        for (int count = -1; count != 0 && length <= limit;) {
            count = next(fd, bytes, length, end);
            length += Math.max(count, 0);
        }
        byte[] read = Arrays.copyOf(bytes, Math.min(length, limit));
        Arrays.fill(bytes, (byte) 0);
        if (length > limit) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the descriptor has more than " + limit + " bytes");
        }
        return read;
    }

    /** Appends the available bytes; returns their number, -1 if there are none yet, 0 at the end. */
    private static int next(Fd fd, byte[] bytes, int length, long end) throws IOException {
        awaitInput(fd, end);
        byte[] part = new byte[bytes.length - length];
        try {
            int count = (int) Libc.callLong("read", fd.number(), part, part.length);
            System.arraycopy(part, 0, bytes, length, count);
            return count;
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EAGAIN && e.errno() != Errno.EINTR) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, "cannot read the descriptor: " + e.reason(), e);
            }
            return -1;
        } finally {
            Arrays.fill(part, (byte) 0);
        }
    }

    private static void awaitInput(Fd fd, long end) throws IOException {
        long remaining = Duration.ofNanos(end - System.nanoTime()).toMillis();
        byte[] pollfd = ByteBuffer.allocate(POLLFD_SIZE).order(ByteOrder.nativeOrder()).putInt(fd.number()).putShort(POLLFD_EVENTS, POLLIN)
                .array();
        if (remaining <= 0 || Libc.call("poll", pollfd, 1, (int) remaining) == 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the descriptor does not come to an end; close the other end of the pipe");
        }
    }
}
