package org.example.piimages.cli.terminal;

import java.io.Closeable;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * Forwards typed input through a pipe to a command whose output is not a terminal, as in {@code piimagesctl run IMAGE -- COMMAND | less}.
 * The command does not get the terminal itself: in the background it would take input from the shell, because the kernel stops background
 * readers only on their own controlling terminal. The terminal handles line editing, echo and Ctrl-D; Ctrl-C terminates this process.
 */
public final class TypedInput implements Closeable {

    private static final int BUFFER = 4096;
    private static final int BACKGROUND_MILLISECONDS = 200;

    private final Fd reader;
    private final Fd writer;
    private volatile boolean started;
    private volatile boolean closed;

    private TypedInput(Fd reader, Fd writer) {
        this.reader = reader;
        this.writer = writer;
    }

    /** Opens the pipe. Throws {@link CommandFailure} if that fails, for example because too many files are open. */
    public static TypedInput open() {
        byte[] ends = new byte[2 * Integer.BYTES];
        try {
            Libc.call("pipe2", ends, OpenFlags.O_CLOEXEC);
        } catch (ErrnoException e) {
            throw new CommandFailure(ExitCode.RUN_FAILED, "cannot open a pipe: " + e.getMessage());
        }
        ByteBuffer numbers = ByteBuffer.wrap(ends).order(ByteOrder.nativeOrder());
        return new TypedInput(new Fd(numbers.getInt()), new Fd(numbers.getInt()));
    }

    /** Returns the file descriptor for the standard input of the command, which stays open until {@link #close}. */
    public int reader() {
        return reader.number();
    }

    /** Starts reading. Must not be called before the command runs, because until then keys may answer the polkit agent. */
    public synchronized void start() {
        if (!started) {
            started = true;
            Thread thread = new Thread(this::forward, "typed-input");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void forward() {
        byte[] typed = new byte[BUFFER];
        InputStream in = new FileInputStream(FileDescriptor.in);
        try {
            while (!closed) {
                if (!Terminal.isForeground()) {
                    Thread.sleep(BACKGROUND_MILLISECONDS);
                } else if (Terminal.awaitInput(-1) && Terminal.isForeground()) {
                    int count = in.read(typed);
                    if (count <= 0) {
                        break;
                    }
                    writer.write(typed, count);
                }
            }
        } catch (IOException e) {
            // The terminal no longer exists, which SIGHUP reports; or the command has exited, which its status reports.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            writer.close();
        }
    }

    /** Called when the command has exited. Input that was not read is lost, as at the end of any pipe. */
    @Override
    public void close() {
        closed = true;
        reader.close();
    }
}
