package org.example.piimages.cli.command.machine;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.example.piimages.cli.service.Bus;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.MachineExitStatus;
import org.example.piimages.cli.service.PlainValues;
import org.example.piimages.cli.service.Service;
import org.example.piimages.cli.terminal.ProcessStatus;
import org.example.piimages.cli.terminal.SshHangupWatch;
import org.example.piimages.cli.terminal.StandardStream;
import org.example.piimages.cli.terminal.TerminalForwarding;
import org.example.piimages.cli.terminal.TypedInput;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/**
 * Runs a command, waits for it, and forwards signals to its machine. The command uses the standard streams of this process directly. On a
 * terminal it gets a pseudoterminal instead ({@link TerminalForwarding}); if only standard input is a terminal, it gets a pipe as its input
 * ({@link TypedInput}).
 *
 * <p>On SIGINT, SIGTERM and SIGHUP, the JVM runs its shutdown hooks, one of which terminates the machine, and exits with 128 plus the
 * signal number, as expected of a command that a signal terminates. In the raw mode of the terminal, Ctrl-C is a byte that the command in
 * the image receives. By default, the JVM prints the stacks of its threads on SIGQUIT, which would be mixed with the output of the command.
 * Therefore the signal has its default action here, which terminates this process; the service ends what a caller that leaves the bus has
 * started.
 */
public final class ForegroundRun {

    /** The service sends SIGKILL after ten seconds. */
    private static final int SECONDS_TO_END = 15;
    private static final int SIGQUIT = 3;
    private static final int SIG_DFL = 0;
    private static final int RLIMIT_CORE = 4;
    /** The size of struct rlimit in bytes; with zeros, this process leaves no core file. */
    private static final int RLIMIT = 16;

    private static final int SIGCONT = 18;
    private static final int STOP_CHECKS = 10;
    private static final int STOP_CHECK_MILLISECONDS = 100;

    private final Service service;
    private final RunRequest request;
    private final boolean terminal;
    private final CompletableFuture<String> machine = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** The number of times that Ctrl-Z was typed since the thread that examines its effect was started; 0 if it is not running. */
    private final AtomicInteger suspendKeys = new AtomicInteger();
    private TerminalForwarding forwarding;
    private volatile TypedInput typed;

    /** Creates a run of this request; the connection of the service must be able to pass file descriptors. */
    public ForegroundRun(Service service, RunRequest request) {
        this.service = service;
        this.request = request;
        this.terminal = request.streams() == null && StandardStream.areTerminals();
    }

    /** Runs the command and returns its exit status. */
    public int run() {
        endOnQuit();
        for (StandardStream stream : StandardStream.values()) {
            stream.permitReopen();
        }
        if (request.machine() != null) {
            machine.complete(request.machine());
        }
        // Closed below: the next run in this process, such as a step of a build, has its own machine.
        Bus.Listening starts = service.bus().onManagerSignal("MachineNew", this::machineStarted);
        Thread hook = new Thread(this::interrupted, "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        SshHangupWatch.start();
        try {
            forwarding = terminal ? TerminalForwarding.start(() -> callMachine("TerminalResized"), this::suspendKey) : null;
            // In a running machine, its own systemd gets the streams of the command, and there is no signal when the command starts.
            boolean isTyped = !terminal && request.streams() == null && request.machine() == null && StandardStream.INPUT.isTerminal();
            typed = isTyped ? TypedInput.open() : null;
            return status(request.call(terminal ? forwarding.slave() : -1, inputDescriptor(), System.getenv("TERM")));
        } finally {
            ended.complete(null);
            starts.close();
            if (typed != null) {
                typed.close();
            }
            if (forwarding != null) {
                forwarding.close();
            }
            removeHook(hook);
        }
    }

    /** Returns the descriptor of the command's standard input, which is used if the command gets no terminal. */
    private int inputDescriptor() {
        if (request.streams() != null) {
            return request.streams().input();
        }
        return typed == null ? StandardStream.INPUT.fd() : typed.reader();
    }

    private int status(Call call) {
        try {
            return ((Number) service.change(call)[0]).intValue();
        } catch (RemoteError e) {
            if (!MachineExitStatus.isServiceGone(e)) {
                throw e;
            }
            return request.machine() == null ? MachineExitStatus.await(service, machine.getNow(null), e)
                    : MachineExitStatus.awaitCommand(service, request.machine(), e);
        }
    }

    private static void endOnQuit() {
        try {
            Libc.call("setrlimit", RLIMIT_CORE, new byte[RLIMIT]);
            Libc.callLong("signal", SIGQUIT, SIG_DFL);
        } catch (ErrnoException e) {
            // Not fatal: SIGQUIT then has the effect of the JVM.
        }
    }

    /**
     * Called when a machine of any user starts; the property Caller identifies the one that this process has requested. Runs in the thread
     * of the bus, and must not block.
     */
    private void machineStarted(Object[] nameAndPath) {
        String path = nameAndPath[1].toString();
        service.bus().send(Call.properties(path, Names.MACHINE), false).thenAcceptAsync(values -> {
            Map<?, ?> properties = (Map<?, ?>) PlainValues.of(values[0]);
            if (service.bus().name().equals(properties.get("Caller")) && machine.complete(path)) {
                // From now on, the command reads from the terminal.
                service.endAuthentication();
                if (typed != null) {
                    typed.start();
                }
            }
        });
    }

    /** Terminates the machine and waits for its end, so that the image is no longer in use when the user's shell shows its prompt. */
    private void interrupted() {
        // In a step of a build, this connection is still required to unmount the image.
        boolean isStep = request.streams() != null;
        try {
            if (request.machine() == null && (isStep || machine.isDone())) {
                terminate();
            } else {
                // The machine has not started yet, or must continue to run. When the caller leaves the bus, the service cancels the call.
                service.bus().close();
            }
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            service.bus().close();
        }
        service.endAuthentication();
        restoreTerminal();
    }

    private void terminate() throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture.anyOf(ended, machine).get(service.endAuthentication(SECONDS_TO_END), TimeUnit.SECONDS);
        if (!ended.isDone()) {
            // The call fails if the machine has just ended by itself; then only the end of the run is awaited.
            CompletableFuture<?> terminated = callMachine("Terminate").thenApply(nothing -> true).exceptionally(e -> false)
                    .thenCompose(isTold -> isTold ? CompletableFuture.completedFuture(null) : ended);
            CompletableFuture.anyOf(ended, terminated).get(SECONDS_TO_END, TimeUnit.SECONDS);
        }
    }

    /** Calls a method of the machine; returns null if it has not started yet. */
    private CompletableFuture<Object[]> callMachine(String member) {
        String path = machine.getNow(null);
        return path == null ? null : service.bus().send(Call.object(path, Names.MACHINE, member, ""), false);
    }

    /** Handles Ctrl-Z in a separate thread, because the command may stop only later, or not at all. */
    private void suspendKey() {
        if (request.machine() == null && suspendKeys.getAndIncrement() == 0) {
            Thread watcher = new Thread(this::suspendForKeys, "suspend");
            watcher.setDaemon(true);
            watcher.start();
        }
    }

    private void suspendForKeys() {
        int seen;
        do {
            seen = suspendKeys.get();
            suspendWithCommand();
        } while (!suspendKeys.compareAndSet(seen, 0));
    }

    /**
     * Stops this process if Ctrl-Z has stopped the command, and continues the command when the user's shell continues this process: the
     * parent of the command in the machine is not a shell, so that nothing else would continue it. If this process has no shell that would
     * continue it, the command is continued at once, so that Ctrl-Z has no effect, as on any terminal.
     */
    private void suspendWithCommand() {
        try {
            // The command may already run before the signal has identified its machine.
            String path = machine.get(SECONDS_TO_END, TimeUnit.SECONDS);
            for (int attempt = 0; attempt < STOP_CHECKS && !ended.isDone(); attempt++) {
                Thread.sleep(STOP_CHECK_MILLISECONDS);
                long leader = ((Number) service.properties(path, Names.MACHINE).get("Leader")).longValue();
                if (ProcessStatus.hasChildStoppedInForeground(leader)) {
                    if (ProcessStatus.own().filter(own -> !own.isOrphaned()).isPresent()) {
                        forwarding.suspend();
                    }
                    // Wait for the reply: otherwise SIGCONT could undo the effect of another Ctrl-Z.
                    service.bus().send(Call.object(path, Names.MACHINE, "Kill", "i", SIGCONT), false).get();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RemoteError | ExecutionException | TimeoutException e) {
            // The machine or the service has ended, and the command with it.
        }
    }

    private void restoreTerminal() {
        if (forwarding != null) {
            forwarding.restore();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // After a signal, the hook is running; the JVM exits when it has finished.
        }
    }
}
