package org.example.piimages.cli.command.machine;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.example.piimages.cli.service.Bus;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.MachineEnd;
import org.example.piimages.cli.service.Plain;
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
 * <p>SIGINT, SIGTERM and SIGHUP make the JVM run its shutdown hooks and exit with 128 plus the number, which is what a command that dies of
 * them has to do: the hook ends the machine. Where the terminal is in raw mode, Ctrl-C is a byte and the command in the image gets it. The
 * JVM would answer SIGQUIT with the stacks of its threads, among the command's output: it ends this process instead, as it does any other,
 * and the service ends what a caller who left the bus had started.
 */
public final class ForegroundRun {

    /** The service sends SIGKILL after ten seconds. */
    private static final int SECONDS_TO_END = 15;
    private static final int SIGQUIT = 3;
    private static final int SIG_DFL = 0;
    private static final int RLIMIT_CORE = 4;
    /** struct rlimit; zeros leave no core file of this process. */
    private static final int RLIMIT = 16;

    private static final int SIGCONT = 18;
    private static final int LOOKS_FOR_STOP = 10;
    private static final int MILLISECONDS_BETWEEN_LOOKS = 100;

    private final Service service;
    private final RunRequest request;
    private final boolean terminal;
    private final CompletableFuture<String> machine = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** How often Ctrl-Z was typed since somebody began to look what came of it. */
    private final AtomicInteger suspendKeys = new AtomicInteger();
    private TerminalForwarding forwarding;
    private volatile TypedInput typed;

    /** That request, made of this service; its standard streams are passed on by the connection. */
    public ForegroundRun(Service service, RunRequest request) {
        this.service = service;
        this.request = request;
        this.terminal = request.streams() == null && StandardStream.areTerminals();
    }

    /** Runs it and returns its exit status. */
    public int run() {
        endOnQuit();
        for (StandardStream stream : StandardStream.values()) {
            stream.letReopen();
        }
        if (request.machine() != null) {
            machine.complete(request.machine());
        }
        // Another run of this process, the next step of a build, has another.
        Bus.Listening starts = service.bus().onManagerSignal("MachineNew", this::machineStarted);
        Thread hook = new Thread(this::interrupted, "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        SshHangupWatch.endOn();
        try {
            forwarding = terminal ? TerminalForwarding.start(() -> tell("TerminalResized"), this::suspendKey) : null;
            // A machine that runs already gives its command's streams to its own systemd, and tells no start.
            boolean isTyped = !terminal && request.streams() == null && request.machine() == null && StandardStream.INPUT.isTerminal();
            typed = isTyped ? TypedInput.open() : null;
            return status(request.call(terminal ? forwarding.slave() : -1, input(), System.getenv("TERM")));
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

    /** The command's standard input where it gets no terminal. */
    private int input() {
        if (request.streams() != null) {
            return request.streams().input();
        }
        return typed == null ? StandardStream.INPUT.fd() : typed.reader();
    }

    private int status(Call call) {
        try {
            return ((Number) service.change(call)[0]).intValue();
        } catch (RemoteError e) {
            if (!MachineEnd.isServiceGone(e)) {
                throw e;
            }
            return request.machine() == null ? MachineEnd.await(service, machine.getNow(null), e)
                    : MachineEnd.awaitCommand(service, request.machine(), e);
        }
    }

    private static void endOnQuit() {
        try {
            Libc.call("setrlimit", RLIMIT_CORE, new byte[RLIMIT]);
            Libc.callLong("signal", SIGQUIT, SIG_DFL);
        } catch (ErrnoException e) {
            // SIGQUIT then does what Java does with it.
        }
    }

    /** A machine of anybody's starts; the one that this process asked for has its name on it. In the bus's thread: it must not wait. */
    private void machineStarted(Object[] nameAndPath) {
        String path = nameAndPath[1].toString();
        service.bus().send(Call.properties(path, Names.MACHINE), false).thenAcceptAsync(values -> {
            Map<?, ?> properties = (Map<?, ?>) Plain.of(values[0]);
            if (service.bus().name().equals(properties.get("Caller")) && machine.complete(path)) {
                // The terminal is the command's now.
                service.endAuthentication();
                if (typed != null) {
                    typed.start();
                }
            }
        });
    }

    /** Ends the machine and waits, so that the image is free when the shell prompts again. */
    private void interrupted() {
        // A step of a build: the image is still to be unmounted over this connection.
        boolean isStep = request.streams() != null;
        try {
            if (request.machine() == null && (isStep || machine.isDone())) {
                terminate();
            } else {
                // It has not started, or runs in a machine that is to go on: to the service, a caller who leaves has cancelled the call.
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
            // One that is about to end by itself may not be there any more.
            CompletableFuture<?> terminated = tell("Terminate").thenApply(nothing -> true).exceptionally(e -> false)
                    .thenCompose(isTold -> isTold ? CompletableFuture.completedFuture(null) : ended);
            CompletableFuture.anyOf(ended, terminated).get(SECONDS_TO_END, TimeUnit.SECONDS);
        }
    }

    /** Calls a method of the machine; null when there is none yet. */
    private CompletableFuture<Object[]> tell(String member) {
        String path = machine.getNow(null);
        return path == null ? null : service.bus().send(Call.object(path, Names.MACHINE, member, ""), false);
    }

    /** In a thread of its own: the command is not stopped at once, if it is at all. */
    private void suspendKey() {
        if (request.machine() == null && suspendKeys.getAndIncrement() == 0) {
            Thread look = new Thread(this::suspendForKeys, "suspend");
            look.setDaemon(true);
            look.start();
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
     * A command that Ctrl-Z has stopped would stay so, as its parent in the machine is no shell: this process stops as well, and when its
     * own shell continues it, so is the command. Where no shell would, Ctrl-Z has no effect, as on any terminal.
     */
    private void suspendWithCommand() {
        try {
            // The command may be there before it is known which machine is its own.
            String path = machine.get(SECONDS_TO_END, TimeUnit.SECONDS);
            for (int look = 0; look < LOOKS_FOR_STOP && !ended.isDone(); look++) {
                Thread.sleep(MILLISECONDS_BETWEEN_LOOKS);
                long leader = ((Number) service.properties(path, Names.MACHINE).get("Leader")).longValue();
                if (ProcessStatus.hasChildStoppedInForeground(leader)) {
                    if (ProcessStatus.own().filter(own -> !own.isOrphaned()).isPresent()) {
                        forwarding.suspend();
                    }
                    // Until it is done, another Ctrl-Z could be undone by it.
                    service.bus().send(Call.object(path, Names.MACHINE, "Kill", "i", SIGCONT), false).get();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RemoteError | ExecutionException | TimeoutException e) {
            // The machine or the service is gone, and with it what was stopped.
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
            // A signal came: the hook runs, and the JVM exits when it is done.
        }
    }
}
