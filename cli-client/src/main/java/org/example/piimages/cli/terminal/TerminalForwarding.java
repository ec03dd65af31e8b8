package org.example.piimages.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/**
 * Forwards the terminal of a command to the terminal of this process, as {@code systemd-run --pty} does. The command never has access to
 * the user's terminal itself: whatever happens to the command or the service, the shell controls the terminal again when this process
 * exits.
 *
 * <p>In the foreground, all keys are forwarded to the command. In the background, input is not read and settings are not changed, as for
 * any other job of the shell; output is still shown.
 */
public final class TerminalForwarding implements AutoCloseable {

    private static final int BUFFER = 32 << 10;
    /** The interval for polling whether a background process is in the foreground again; there is no notification. */
    private static final int BACKGROUND_MILLISECONDS = 200;
    /** The interval for polling whether the command has begun to read its terminal; there is no notification. */
    private static final int START_MILLISECONDS = 10;
    private static final int DRAIN_SECONDS = 2;
    private static final int SIGSTOP = 19;
    private static final int SIGTSTP = 20;
    private static final int OWN_GROUP = 0;
    private static final byte CTRL_Z = 0x1a;

    private final Terminal terminal;
    private final PseudoTerminal pty;
    private final Runnable onResize;
    private final Runnable onSuspendKey;
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile CountDownLatch resumed = new CountDownLatch(0);
    private volatile boolean taken;
    private volatile boolean closed;

    private TerminalForwarding(Terminal terminal, PseudoTerminal pty, Runnable onResize, Runnable onSuspendKey) {
        this.terminal = terminal;
        this.pty = pty;
        this.onResize = onResize;
        this.onSuspendKey = onSuspendKey;
    }

    /**
     * Starts forwarding. Throws {@link CommandFailure} if no pseudoterminal can be opened.
     *
     * @param onResize called when the size of the terminal has changed, after the pseudoterminal was resized
     * @param onSuspendKey called when Ctrl-Z was typed, which is also forwarded to the command
     */
    public static TerminalForwarding start(Runnable onResize, Runnable onSuspendKey) {
        try {
            TerminalForwarding forwarding = new TerminalForwarding(new Terminal(), PseudoTerminal.open(), onResize, onSuspendKey);
            forwarding.pty.resize();
            Signals.listen("WINCH", forwarding::resized);
            Signals.listen("TSTP", forwarding::stopped);
            Signals.listen("CONT", forwarding::continued);
            daemon("terminal-output", forwarding::forwardOutput);
            daemon("terminal-input", forwarding::forwardInput);
            return forwarding;
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.RUN_FAILED, "cannot open a pseudoterminal: " + e.getMessage());
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Returns the file descriptor of the command's terminal, to be passed to the service. */
    public int slave() {
        return pty.slave();
    }

    private void forwardOutput() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER);
        byte[] copy = new byte[BUFFER];
        // Not closed, like standard input below: other code uses the same descriptors.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        try {
            for (int count = pty.read(bytes); count > 0; count = pty.read(bytes)) {
                taken = true;
                bytes.get(0, copy, 0, count);
                out.write(copy, 0, count);
            }
        } catch (IOException e) {
            // The reader of standard output is gone. The command gets a hangup when the master is closed, as on any terminal.
        } finally {
            drained.countDown();
        }
    }

    private void forwardInput() {
        byte[] typed = new byte[BUFFER];
        InputStream in = new FileInputStream(FileDescriptor.in);
        try {
            awaitReader();
            taken = true;
            while (!closed) {
                terminal.makeRaw();
                if (!Terminal.isForeground()) {
                    Thread.sleep(BACKGROUND_MILLISECONDS);
                } else if (Terminal.awaitInput(-1) && Terminal.isForeground()) {
                    int count = in.read(typed);
                    if (count < 0) {
                        return;
                    }
                    pty.write(typed, count);
                    if (hasSuspendKey(typed, count)) {
                        onSuspendKey.run();
                    }
                }
            }
        } catch (IOException e) {
            // The terminal no longer exists, which SIGHUP reports; or the command has exited, which its status reports.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean hasSuspendKey(byte[] typed, int count) {
        for (int i = 0; i < count; i++) {
            if (typed[i] == CTRL_Z) {
                return true;
            }
        }
        return false;
    }

    /** Waits until the command reads its terminal. Until then, keys may answer the polkit agent, and Ctrl-C aborts the start. */
    private void awaitReader() throws IOException, InterruptedException {
        while (!closed && !taken && !pty.isRaw()) {
            Thread.sleep(START_MILLISECONDS);
        }
    }

    private void resized() {
        try {
            pty.resize();
        } catch (IOException e) {
            return;
        }
        onResize.run();
    }

    /** Handles SIGTSTP from another process, as keys cause no signals: restores the terminal for the shell and stops. */
    private void stopped() {
        terminal.restore();
        try {
            Libc.call("kill", (int) ProcessHandle.current().pid(), SIGSTOP);
        } catch (ErrnoException e) {
            terminal.makeRaw();
        }
    }

    /** Stops the process group, as Ctrl-Z normally does, and returns when the shell has continued it. */
    public void suspend() throws InterruptedException {
        resumed = new CountDownLatch(1);
        try {
            Libc.call("kill", OWN_GROUP, SIGTSTP);
        } catch (ErrnoException e) {
            return;
        }
        resumed.await();
    }

    private void continued() {
        resumed.countDown();
        if (taken && !closed) {
            terminal.continued();
            resized();
        }
    }

    /** Shows the remaining output of the command and restores the terminal. */
    @Override
    public void close() {
        closed = true;
        pty.closeSlave();
        try {
            drained.await(DRAIN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        terminal.restore();
    }

    /** Restores the terminal immediately, because this process is exiting. */
    public void restore() {
        closed = true;
        terminal.restore();
    }
}
