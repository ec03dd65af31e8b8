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
 * Determines the exit status of a machine, or of a command in one, that this process started, if the service was restarted in the meantime.
 * Machines and commands continue without the service; the restarted service identifies the caller by the unique name of the same bus
 * connection.
 */
public final class MachineExitStatus {

    /** During an upgrade of the package, the service is not available while dpkg unpacks. */
    private static final int SECONDS_TO_RETURN = 90;
    private static final int MILLISECONDS_BETWEEN = 250;
    private static final int SECONDS_TO_AWAIT_SIGNAL = 2;

    private final Service service;
    private final String method;
    private final CompletableFuture<Integer> signalledStatus = new CompletableFuture<>();
    private String path;

    private MachineExitStatus(Service service, String method, String path) {
        this.service = service;
        this.method = method;
        this.path = path;
    }

    /** Returns whether an error means that the service exited before it replied. */
    public static boolean isServiceGone(RemoteError error) {
        return error.errorName().equals(Names.NO_REPLY);
    }

    /**
     * Waits for a machine to end and returns its exit status.
     *
     * @param path the object path of the machine; null if unknown because the service exited too early
     * @param error the error of the call that started it; rethrown if there is no such machine
     */
    public static int await(Service service, String path, RemoteError error) {
        return new MachineExitStatus(service, "Wait", path).await(error);
    }

    /**
     * Waits for the command that this process started in a booted machine, and returns its exit status.
     *
     * @param error the error of the call that started it; rethrown if there is no such command
     */
    public static int awaitCommand(Service service, String path, RemoteError error) {
        return new MachineExitStatus(service, "WaitRun", path).await(error);
    }

    private int await(RemoteError error) {
        service.bus().onManagerSignal("MachineRemoved", this::machineRemoved);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_TO_RETURN);
        while (true) {
            try {
                if (path == null) {
                    path = startedByThisProcess(error);
                }
                return status();
            } catch (RemoteError e) {
                if (e.errorName().equals(Names.UNKNOWN_OBJECT)) {
                    return awaitSignalledStatus();
                }
                if (e.errorName().equals(Failure.Kind.NOT_FOUND.errorName())) {
                    throw error;
                }
                if (isServiceGone(e)) {
                    // The service exited again: restart the timeout.
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

    private void machineRemoved(Object[] nameAndPathAndStatus) {
        if (nameAndPathAndStatus[1].toString().equals(path)) {
            signalledStatus.complete(((Number) nameAndPathAndStatus[2]).intValue());
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
            // The machine ended after it was listed.
            return Map.of();
        }
    }

    private int status() {
        CompletableFuture<Integer> reply = service.bus().send(Call.object(path, Names.MACHINE, method, ""), false)
                .thenApply(values -> ((Number) values[0]).intValue());
        return service.await(reply.applyToEither(signalledStatus, status -> status));
    }

    /** Returns the exit status from the MachineRemoved signal, which a starting service sends for a machine that has already ended. */
    private int awaitSignalledStatus() {
        try {
            return signalledStatus.get(SECONDS_TO_AWAIT_SIGNAL, TimeUnit.SECONDS);
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
