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
 * Carries what is typed to a command whose output is not for the terminal, such as {@code piimagesctl run IMAGE -- COMMAND | less}, through
 * a pipe. The terminal itself is not the command's: in the background it would take the shell's keys away, for the kernel stops a
 * reader only if the terminal is that reader's own. Lines, their echo and Ctrl-D are the terminal's; Ctrl-C ends this process.
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

    /** Opens the pipe. Throws {@link CommandFailure} when this process has too many files open. */
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

    /** Standard input for the command, ours until {@link #close}. */
    public int reader() {
        return reader.number();
    }

    /** Starts to read: before the command runs, keys may answer polkit's agent. */
    public synchronized void start() {
        if (!started) {
            started = true;
            Thread thread = new Thread(this::carry, "typed-input");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void carry() {
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
            // The terminal is gone, and SIGHUP says so; or the command is, and its end says so.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            writer.close();
        }
    }

    /** The command has ended. What was typed and not read is lost, as at the end of any pipe. */
    @Override
    public void close() {
        closed = true;
        reader.close();
    }
}
