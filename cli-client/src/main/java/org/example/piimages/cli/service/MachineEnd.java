package org.example.piimages.cli.service;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.contract.Failure;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;

/**
 * How the machine, or the command in one, that this process started ended, where the service was restarted meanwhile: both outlive it, and
 * so does this connection to the bus, by whose name the service knows its caller again.
 */
public final class MachineEnd {

    /** An upgrade of the package takes the service away for as long as dpkg unpacks. */
    private static final int SECONDS_TO_RETURN = 90;
    private static final int MILLISECONDS_BETWEEN = 250;
    private static final int SECONDS_TO_HEAR = 2;

    private final Service service;
    private final String method;
    private final CompletableFuture<Integer> heard = new CompletableFuture<>();
    private String path;

    private MachineEnd(Service service, String method, String path) {
        this.service = service;
        this.method = method;
        this.path = path;
    }

    /** Whether an error says that the service ended before it answered. */
    public static boolean isServiceGone(RemoteError error) {
        return error.errorName().equals(Names.NO_REPLY);
    }

    /**
     * Waits for the machine's end and returns its exit status.
     *
     * @param path the machine's object; null where its start was not heard of
     * @param error what the call that started it was answered with: thrown again when there is no such machine
     */
    public static int await(Service service, String path, RemoteError error) {
        return new MachineEnd(service, "Wait", path).await(error);
    }

    /**
     * Waits for the end of the command that this process started in a booted machine, and returns its exit status.
     *
     * @param error what the call that started it was answered with: thrown again when there is no such command
     */
    public static int awaitCommand(Service service, String path, RemoteError error) {
        return new MachineEnd(service, "WaitRun", path).await(error);
    }

    private int await(RemoteError error) {
        service.bus().onManagerSignal("MachineRemoved", this::removed);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_RETURN);
        while (true) {
            try {
                if (path == null) {
                    path = startedByThisProcess(error);
                }
                return status();
            } catch (RemoteError e) {
                if (e.errorName().equals(Names.UNKNOWN_OBJECT)) {
                    return statusHeard();
                }
                if (e.errorName().equals(Failure.Kind.NOT_FOUND.errorName())) {
                    throw error;
                }
                if (isServiceGone(e)) {
                    // Gone once more: the time begins anew.
                    deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_RETURN);
                } else if (System.nanoTime() > deadline) {
                    throw new CommandFailure(ExitCode.RUN_FAILED,
                            "the PiImages service was not restarted; the command continues to run in the machine "
                                    + name() + "; to terminate it: machinectl terminate " + name());
                }
                pause();
            }
        }
    }

    private String name() {
        return path.substring(Names.MACHINE_PATH_PREFIX.length()).replace("_2d", "-");
    }

    private static void pause() {
        try {
            Thread.sleep(MILLISECONDS_BETWEEN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.RUN_FAILED, "interrupted");
        }
    }

    private void removed(Object[] nameAndPathAndStatus) {
        if (nameAndPathAndStatus[1].toString().equals(path)) {
            heard.complete(((Number) nameAndPathAndStatus[2]).intValue());
        }
    }

    private String startedByThisProcess(RemoteError error) {
        return service.machines().stream().map(MachineEntry::object)
                .filter(object -> service.bus().name().equals(properties(object).get("Caller"))).findFirst().orElseThrow(() -> error);
    }

    private Map<String, Object> properties(String object) {
        try {
            return service.properties(object, Names.MACHINE);
        } catch (RemoteError e) {
            // It ended after it was listed.
            return Map.of();
        }
    }

    private int status() {
        CompletableFuture<Integer> told = service.bus().send(Call.object(path, Names.MACHINE, method, ""), false)
                .thenApply(values -> ((Number) values[0]).intValue());
        return service.await(told.applyToEither(heard, status -> status));
    }

    /** The machine is gone already: the service says how it ended when it comes up. */
    private int statusHeard() {
        try {
            return heard.get(SECONDS_TO_HEAR, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new CommandFailure(ExitCode.RUN_FAILED,
                    "the machine " + name() + " ended while the PiImages service was not running, and its exit"
                            + " status is not known; see: journalctl --unit=piimagesd");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.RUN_FAILED, "interrupted");
        }
    }
}
