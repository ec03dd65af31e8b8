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
 * Carries a command's terminal to the one that this process is on, as {@code systemd-run --pty} does. The command never holds the user's
 * terminal: whatever becomes of it or of the service, the shell has its keyboard back when this process ends.
 *
 * <p>In the foreground every key reaches the command. In the background nothing is read and no setting changed, as of any other job of the
 * shell's; its output is shown.
 */
public final class TerminalForwarding implements AutoCloseable {

    private static final int BUFFER = 32 << 10;
    /** How often a background process looks whether it has come to the foreground: nothing tells it. */
    private static final int BACKGROUND_MILLISECONDS = 200;
    /** How often it looks whether the command has its terminal: nothing tells that either. */
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
    private volatile CountDownLatch goesOn = new CountDownLatch(0);
    private volatile boolean taken;
    private volatile boolean closed;

    private TerminalForwarding(Terminal terminal, PseudoTerminal pty, Runnable onResize, Runnable onSuspendKey) {
        this.terminal = terminal;
        this.pty = pty;
        this.onResize = onResize;
        this.onSuspendKey = onSuspendKey;
    }

    /**
     * Starts to carry. Throws {@link CommandFailure} where this system has no pseudoterminal left.
     *
     * @param onResize told when the terminal has another size, which the pseudoterminal has by then
     * @param onSuspendKey told when Ctrl-Z was typed, which is the command's as all keys are
     */
    public static TerminalForwarding start(Runnable onResize, Runnable onSuspendKey) {
        try {
            TerminalForwarding forwarding = new TerminalForwarding(new Terminal(), PseudoTerminal.open(), onResize, onSuspendKey);
            forwarding.pty.resize();
            Signals.listen("WINCH", forwarding::resized);
            Signals.listen("TSTP", forwarding::stopped);
            Signals.listen("CONT", forwarding::continued);
            daemon("terminal-output", forwarding::carryOutput);
            daemon("terminal-input", forwarding::carryInput);
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

    /** The command's terminal, to be passed to the service. */
    public int slave() {
        return pty.slave();
    }

    private void carryOutput() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BUFFER);
        byte[] copy = new byte[BUFFER];
        // Not closed, as standard input below: the descriptors are this process's own.
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        try {
            for (int count = pty.read(bytes); count > 0; count = pty.read(bytes)) {
                taken = true;
                bytes.get(0, copy, 0, count);
                out.write(copy, 0, count);
            }
        } catch (IOException e) {
            // Whoever reads is gone. The command learns it as on any terminal: by the hangup when the master is closed.
        } finally {
            drained.countDown();
        }
    }

    private void carryInput() {
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
            // The terminal is gone, and SIGHUP says so; or the command is, and its end says so.
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

    /** Until the command listens, keys are not its own: they may answer polkit's agent, and Ctrl-C ends the start. */
    private void awaitReader() throws IOException, InterruptedException {
        while (!closed && !taken && !pty.isTaken()) {
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

    /** SIGTSTP from somebody else, since the keys are the command's: the shell is to find its terminal as it was. */
    private void stopped() {
        terminal.restore();
        try {
            Libc.call("kill", (int) ProcessHandle.current().pid(), SIGSTOP);
        } catch (ErrnoException e) {
            terminal.makeRaw();
        }
    }

    /** Stops this process's group, as Ctrl-Z does on a terminal of its own, and returns when the shell has continued it. */
    public void suspend() throws InterruptedException {
        goesOn = new CountDownLatch(1);
        try {
            Libc.call("kill", OWN_GROUP, SIGTSTP);
        } catch (ErrnoException e) {
            return;
        }
        goesOn.await();
    }

    private void continued() {
        goesOn.countDown();
        if (taken && !closed) {
            terminal.continued();
            resized();
        }
    }

    /** Shows what the command wrote last, and puts the terminal back. */
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

    /** Puts the terminal back at once: this process ends. */
    public void restore() {
        closed = true;
        terminal.restore();
    }
}
