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
 * The output of a tool: a pipe that ends with the tool.
 *
 * <p>A pipe by itself ends when it has no more writers. Another process may have it open: a tool that works for a user is a process of that
 * user, who can copy its descriptors, pidfd_getfd(2). Therefore, the process is waited for as well. Once it has ended, only what is in the
 * pipe at that moment is read.
 *
 * <p>Only one thread may read. Reading throws {@link ErrnoException} if a system call fails.
 */
final class CommandOutput extends InputStream {

    private static final int FIONREAD = 0x541b;
    private static final short POLLIN = 1;
    private static final int POLLFD_SIZE = 8;
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_REVENTS = 6;
    private static final int NO_TIMEOUT = -1;
    /** The default capacity of a pipe in bytes. */
    private static final int MAX_READ = 64 * 1024;
    private static final int UNKNOWN = -1;

    private final Fd readEnd;
    private final Fd writeEnd;
    /** The process, as a descriptor of pidfd_open(2); empty if it had ended before the descriptor was opened. */
    private Optional<Fd> process = Optional.empty();
    /** The number of bytes left to read; {@link #UNKNOWN} until the process has ended. */
    private int remaining = UNKNOWN;

    private CommandOutput(Fd readEnd, Fd writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /**
     * Creates the pipe. The reading end never blocks, because another process may read the data first; a writer opens the pipe anew, and
     * blocks while it is full.
     */
    static CommandOutput open() throws ErrnoException {
        byte[] ends = new byte[2 * Integer.BYTES];
        Libc.call("pipe2", ends, OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK);
        ByteBuffer numbers = ByteBuffer.wrap(ends).order(ByteOrder.nativeOrder());
        return new CommandOutput(new Fd(numbers.getInt()), new Fd(numbers.getInt()));
    }

    /** The redirection of the tool's output to the pipe. */
    ProcessBuilder.Redirect redirect() {
        return ProcessBuilder.Redirect.to(new File(writeEnd.procPath()));
    }

    /**
     * Records that the tool has been started. The output ends when this process ends, which is the first and the last of the tool's
     * processes.
     */
    void follow(Process started) throws ErrnoException {
        writeEnd.close();
        try {
            process = Optional.of(new Fd((int) Libc.syscall(SystemCall.PIDFD_OPEN, started.pid(), 0)));
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ESRCH) {
                throw e;
            }
            remaining = bytesInPipe();
        }
    }

    private int bytesInPipe() throws ErrnoException {
        byte[] count = new byte[Integer.BYTES];
        Libc.call("ioctl", readEnd.number(), FIONREAD, count);
        return ByteBuffer.wrap(count).order(ByteOrder.nativeOrder()).getInt();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (remaining == UNKNOWN) {
            if (hasEnded()) {
                remaining = bytesInPipe();
            } else {
                int bytesRead = readNow(buffer, offset, length);
                if (bytesRead != UNKNOWN) {
                    return bytesRead == 0 ? -1 : bytesRead;
                }
            }
        }
        int bytesRead = remaining == 0 ? 0 : readNow(buffer, offset, Math.min(length, remaining));
        remaining = Math.max(0, remaining - Math.max(0, bytesRead));
        return bytesRead > 0 ? bytesRead : -1;
    }

    /** Waits until there is data to read, there are no more writers, or the process has ended. Returns whether the process has ended. */
    private boolean hasEnded() throws ErrnoException {
        ByteBuffer polled = ByteBuffer.allocate(2 * POLLFD_SIZE).order(ByteOrder.nativeOrder());
        polled.putInt(0, readEnd.number()).putShort(POLLFD_EVENTS, POLLIN);
        polled.putInt(POLLFD_SIZE, process.orElseThrow().number()).putShort(POLLFD_SIZE + POLLFD_EVENTS, POLLIN);
        Libc.call("poll", polled.array(), 2, NO_TIMEOUT);
        return polled.getShort(POLLFD_SIZE + POLLFD_REVENTS) != 0;
    }

    /** Returns the number of bytes read, 0 at the end; {@link #UNKNOWN} if another process has read them first. */
    private int readNow(byte[] buffer, int offset, int length) throws ErrnoException {
        byte[] part = new byte[Math.min(length, MAX_READ)];
        try {
            int bytesRead = (int) Libc.callLong("read", readEnd.number(), part, part.length);
            System.arraycopy(part, 0, buffer, offset, bytesRead);
            return bytesRead;
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

    /** Closes the pipe; a tool that still writes to it is ended by SIGPIPE. */
    @Override
    public void close() {
        readEnd.close();
        writeEnd.close();
        process.ifPresent(Fd::close);
    }
}
