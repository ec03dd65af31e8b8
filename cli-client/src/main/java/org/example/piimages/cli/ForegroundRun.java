package org.example.piimages.cli;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.example.piimages.contract.Names;

/**
 * A command that runs while this process waits for it. Its streams are this process's own and no byte of theirs passes through here; what
 * is left to do is to carry signals to the machine.
 *
 * <p>SIGINT, SIGTERM and SIGHUP make the JVM run its shutdown hooks and exit with 128 plus the number, which is what a command that dies of
 * them has to do: the hook ends the machine. Where the terminal is in raw mode, Ctrl-C is a byte and the command in the image gets it.
 */
final class ForegroundRun {

    /** The service sends SIGKILL after ten seconds. */
    private static final int SECONDS_TO_END = 15;

    private final Service service;
    private final RunRequest request;
    private final boolean terminal;
    private final AtomicReference<String> machine = new AtomicReference<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private TerminalMode mode;

    ForegroundRun(Service service, RunRequest request) {
        this.service = service;
        this.request = request;
        this.terminal = StandardStream.INPUT.isTerminal() && StandardStream.OUTPUT.isTerminal();
    }

    /** Runs it and returns its exit status. */
    int run() {
        mode = terminal ? TerminalMode.save() : null;
        machine.set(request.machine());
        service.bus().onManagerSignal("MachineNew", this::machineStarted);
        Thread hook = new Thread(this::interrupted, "interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        if (terminal) {
            WindowChange.listen(() -> tell("TerminalResized"));
        }
        try {
            return ((Number) service.change(request.call(terminal, System.getenv("TERM")))[0]).intValue();
        } finally {
            ended.complete(null);
            restoreTerminal();
            removeHook(hook);
        }
    }

    /** A machine of anybody's starts; the one that this process asked for has its name on it. In the bus's thread: it must not wait. */
    private void machineStarted(Object[] nameAndPath) {
        String path = nameAndPath[1].toString();
        service.bus().send(Call.properties(path, Names.MACHINE), false).thenAcceptAsync(values -> {
            Map<?, ?> properties = (Map<?, ?>) Plain.of(values[0]);
            if (service.bus().name().equals(properties.get("Caller")) && machine.compareAndSet(null, path)) {
                // The terminal is the command's now.
                service.endAuthentication();
            }
        });
    }

    /** Ends the machine and waits, so that the image is free when the shell prompts again. */
    private void interrupted() {
        CompletableFuture<Object[]> terminated = request.machine() == null ? tell("Terminate") : null;
        if (terminated == null) {
            // It has not started, or runs in a machine that is to go on: to the service, a caller who leaves has cancelled the call.
            service.bus().close();
        } else {
            try {
                CompletableFuture.anyOf(ended, terminated).get(SECONDS_TO_END, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                service.bus().close();
            }
        }
        service.endAuthentication();
        restoreTerminal();
    }

    /** Calls a method of the machine; null when there is none yet. */
    private CompletableFuture<Object[]> tell(String member) {
        String path = machine.get();
        return path == null ? null : service.bus().send(Call.object(path, Names.MACHINE, member, ""), false);
    }

    private void restoreTerminal() {
        if (mode != null) {
            mode.restore();
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
