package org.example.piimages.libc;

import java.io.Closeable;
import java.nio.ByteBuffer;

/** A file descriptor that this process owns; closed once, whoever closes it first. */
public final class Fd implements Closeable {

    private static final int F_DUPFD_CLOEXEC = 1030;

    private int number;

    /** Takes over the descriptor. */
    public Fd(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("negative file descriptor " + number);
        }
        this.number = number;
    }

    /** The descriptor's number. Throws IllegalStateException once closed, so that a reused number is never touched by mistake. */
    public synchronized int number() {
        if (number < 0) {
            throw new IllegalStateException("file descriptor is closed");
        }
        return number;
    }

    /** The name under which any open of this process reaches the same file again: {@code /proc/self/fd/N}; proc(5). */
    public String procPath() {
        return "/proc/self/fd/" + number();
    }

    /** Gives the descriptor up without closing it; the caller owns the number returned. */
    public synchronized int release() {
        int released = number();
        number = -1;
        return released;
    }

    /** Another descriptor for the same open file, for its own owner to close; fcntl(2). */
    public Fd copy() throws ErrnoException {
        return new Fd(Libc.call("fcntl", number(), F_DUPFD_CLOEXEC, 0));
    }

    /** Writes the first bytes of an array, all of them; write(2), begun again where a signal comes between. */
    public void write(byte[] bytes, int length) throws ErrnoException {
        ByteBuffer left = ByteBuffer.allocateDirect(length).put(bytes, 0, length).flip();
        while (left.hasRemaining()) {
            try {
                left.position(left.position() + (int) Libc.callLong("write", number(), left.slice(), left.remaining()));
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINTR) {
                    throw e;
                }
            }
        }
    }

    /** close(2). EINTR and EIO are not reported: Linux has released the descriptor in any case. */
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
