package org.example.piimages.libc;

import java.io.Closeable;
import java.nio.ByteBuffer;

/** A file descriptor that this process owns. It is closed only once, however often {@link #close} is called. */
public final class Fd implements Closeable {

    private static final int F_DUPFD_CLOEXEC = 1030;

    private int number;

    /** Takes ownership of the descriptor. */
    public Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("negative file descriptor " + number);
        }
        this.number = number;
    }

    /**
     * Returns the descriptor's number.
     *
     * @throws IllegalStateException if it is closed, so that a number that the kernel has reused is never used by mistake
     */
    public synchronized int number() {
        if (number < 0) {
            throw new IllegalStateException("file descriptor is closed");
        }
        return number;
    }

    /** Returns the path by which this process can open the same file again: {@code /proc/self/fd/N}; proc(5). */
    public String procPath() {
        return "/proc/self/fd/" + number();
    }

    /** Gives up ownership of the descriptor without closing it; the caller owns the number returned. */
    public synchronized int release() {
        int released = number();
        number = -1;
        return released;
    }

    /** Duplicates the descriptor with close-on-exec set; the caller closes the result; F_DUPFD_CLOEXEC of fcntl(2). */
    public Fd copy() throws ErrnoException {
        return new Fd(Libc.call("fcntl", number(), F_DUPFD_CLOEXEC, 0));
    }

    /** Writes the first {@code length} bytes of an array completely; write(2), restarted if a signal interrupts it. */
    public void write(byte[] bytes, int length) throws ErrnoException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(length).put(bytes, 0, length).flip();
        while (buffer.hasRemaining()) {
            try {
                buffer.position(buffer.position() + (int) Libc.callLong("write", number(), buffer.slice(), buffer.remaining()));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    /** Closes the descriptor; close(2). Errors such as EINTR and EIO are not reported: Linux has released the descriptor in any case. */
    @Override
    public synchronized void close() {
        if (number >= 0) {
            Libc.callInfallible("close", number);
            number = -1;
        }
    }

    @Override
    public String toString() {
        return "fd " + number;
    }
}
