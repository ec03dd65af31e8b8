package org.example.piimages.daemon.linux.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;
import org.example.piimages.libc.SystemCall;

/**
 * What a tool writes, a pipe that ends with the tool.
 *
 * <p>A pipe by itself ends when the last one who can write to it has let go. That may be somebody else: a tool that works for a user is the
 * user's process, whose descriptors they can take, pidfd_getfd(2). So the process is waited for as well, and once it has ended, what is in
 * the pipe at that moment is all that there is to read.
 *
 * <p>It is read by one thread. Reading throws {@link ErrnoException} when the kernel does not answer.
 */
final class CommandOutput extends InputStream {

    private static final int FIONREAD = 0x541b;
    private static final short POLLIN = 1;
    private static final int POLLFD_SIZE = 8;
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_REVENTS = 6;
    private static final int FOREVER = -1;
    /** What a pipe holds, unless it was made larger. */
    private static final int MOST_AT_ONCE = 64 * 1024;
    private static final int UNKNOWN = -1;

    private final Fd ours;
    private final Fd theirs;
    /** The process, as pidfd_open(2) gives it; none when it had ended before it was asked for. */
    private Optional<Fd> process = Optional.empty();
    /** How much is left to read; {@link #UNKNOWN} until the process has ended. */
    private int left = UNKNOWN;

    private CommandOutput(Fd ours, Fd theirs) {
        this.ours = ours;
        this.theirs = theirs;
    }

    /** Makes the pipe. Our end never blocks, as others may be quicker to read; who writes opens it anew, and waits while it is full. */
    static CommandOutput open() throws ErrnoException {
        byte[] ends = new byte[2 * Integer.BYTES];
        Libc.call("pipe2", ends, OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK);
        ByteBuffer numbers = ByteBuffer.wrap(ends).order(ByteOrder.nativeOrder());
        return new CommandOutput(new Fd(numbers.getInt()), new Fd(numbers.getInt()));
    }

    /** Where the tool is to write. */
    ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.to(new File(theirs.procPath()));
    }

    /** The tool has been started. The end of this process, the first of the tool's and the last to go, is the end of what is read. */
    void follow(Process started) throws ErrnoException {
        theirs.close();
        try {
            process = Optional.of(new Fd((int) Libc.syscall(SystemCall.PIDFD_OPEN, started.pid(), 0)));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
            left = inThePipe();
        }
    }

    private int inThePipe() throws ErrnoException {
        byte[] count = new byte[Integer.BYTES];
        Libc.call("ioctl", ours.number(), FIONREAD, count);
        return ByteBuffer.wrap(count).order(ByteOrder.nativeOrder()).getInt();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (left == UNKNOWN) {
            if (hasEnded()) {
                left = inThePipe();
            } else {
                int got = readNow(into, offset, length);
                if (got != UNKNOWN) {
                    return got == 0 ? -1 : got;
                }
            }
        }
        int got = left == 0 ? 0 : readNow(into, offset, Math.min(length, left));
        left = Math.max(0, left - Math.max(0, got));
        return got > 0 ? got : -1;
    }

    /** Waits until there is something to read, or all writers have let go, or the process has ended; whether it has. */
    private boolean hasEnded() throws ErrnoException {
        ByteBuffer polled = ByteBuffer.allocate(2 * POLLFD_SIZE).order(ByteOrder.nativeOrder());
        polled.putInt(0, ours.number()).putShort(POLLFD_EVENTS, POLLIN);
        polled.putInt(POLLFD_SIZE, process.orElseThrow().number()).putShort(POLLFD_SIZE + POLLFD_EVENTS, POLLIN);
        Libc.call("poll", polled.array(), 2, FOREVER);
        return polled.getShort(POLLFD_SIZE + POLLFD_REVENTS) != 0;
    }

    /** How much could be read, 0 at the end; {@link #UNKNOWN} when somebody else was quicker. */
    private int readNow(byte[] into, int offset, int length) throws ErrnoException {
        byte[] part = new byte[Math.min(length, MOST_AT_ONCE)];
        try {
            int got = (int) Libc.callLong("read", ours.number(), part, part.length);
            System.arraycopy(part, 0, into, offset, got);
            return got;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN) {
                return UNKNOWN;
            }
            throw e;
        } finally {
            // It may be a key.
            Arrays.fill(part, (byte) 0);
        }
    }

    /** Lets go of the pipe; a tool that still writes to it is ended by that. */
    @Override
    public void close() {
        ours.close();
        theirs.close();
        process.ifPresent(Fd::close);
    }
}
