package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.bus.gate.Action;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.bus.gate.Caller;
import org.example.piimages.daemon.bus.gate.DisconnectWatch;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.machine.GuestCommands;
import org.example.piimages.daemon.machine.MachineRequest;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.daemon.machine.RunningMachine;
import org.example.piimages.daemon.machine.record.MachineRecord;

/** Implements the methods about machines: decodes the arguments of the call, asks polkit, calls the feature, and encodes its result. */
public class MachineOperations {

    private static final int LAST_SIGNAL = 64;

    private final ImageOperations imageOperations;
    private final Machines machines;
    private final GuestCommands commands;
    private final DisconnectWatch disconnects;

    public MachineOperations(ImageOperations imageOperations, Machines machines, GuestCommands commands, DisconnectWatch disconnects) {
        this.imageOperations = imageOperations;
        this.machines = machines;
        this.commands = commands;
        this.disconnects = disconnects;
    }

    CompletableFuture<Object[]> runImage(Call call) throws IOException {
        return untilEnded(call, start(call, MachineRequests.run(call)));
    }

    CompletableFuture<Object[]> run(Call call, ImageRecord image) throws IOException {
        return untilEnded(call, start(call, MachineRequests.run(call), image));
    }

    CompletableFuture<Object[]> bootImage(Call call) throws IOException {
        return start(call, MachineRequests.boot(call)).thenApply(MachineOperations::path);
    }

    CompletableFuture<Object[]> boot(Call call, ImageRecord image) throws IOException {
        return start(call, MachineRequests.boot(call), image).thenApply(MachineOperations::path);
    }

    private static Object[] path(RunningMachine started) {
        return new Object[] {MachineObject.path(started.machine().name())};
    }

    /** Starts a machine in the image that the call's first argument names. */
    private CompletableFuture<RunningMachine> start(Call call, MachineRequest request) throws IOException {
        ImageFile file;
        try {
            file = ImageOperations.open(call, request.mode().readOnly() || request.mode().ephemeral());
        } catch (IOException | RuntimeException e) {
            request.close();
            throw e;
        }
        Caller caller = call.caller();
        return imageOperations
                .ifAuthorizedInOwnThread(call, action(request), file, () -> machines.start(file, caller.owner(), caller.groups(), request))
                .whenComplete((started, error) -> {
                    request.close();
                    file.close();
                });
    }

    /**
     * Starts a machine in a mounted image. The request's streams are closed once systemd has them, so that their readers see the end of
     * file.
     */
    private CompletableFuture<RunningMachine> start(Call call, MachineRequest request, ImageRecord image) {
        ImageOperations.Work<RunningMachine> start = () -> machines.start(image, call.caller().owner(), request);
        Action needed = ImageOperations.ownerAction(call, image.owner().uid(), action(request));
        // Authorisation for another user's image does not include authorisation for privileges.
        CompletableFuture<RunningMachine> started = needed == action(request) || request.privileges().isNone()
                ? imageOperations.ifAuthorizedInOwnThread(call, needed, image.file(), start)
                : imageOperations.ifAuthorized(call, needed, image.file(), () -> null)
                        .thenCompose(nothing -> imageOperations.ifAuthorizedInOwnThread(call, action(request), image.file(), start));
        return started.whenComplete((machine, error) -> request.close());
    }

    private static Action action(MachineRequest request) {
        return request.privileges().isNone() ? Action.RUN : Action.RUN_PRIVILEGED;
    }

    private CompletableFuture<Object[]> untilEnded(Call call, CompletableFuture<RunningMachine> starting) {
        return starting
                .thenCompose(started -> disconnects.watch(started.ended(), call.caller(), () -> machines.terminate(started.machine())))
                .thenApply(status -> new Object[] {status});
    }

    CompletableFuture<Object[]> runIn(Call call, MachineRecord machine) {
        MachineRequests.GuestCommand request = MachineRequests.guestCommand(call);
        return imageOperations.ifAuthorized(call, ImageOperations.ownerAction(call, machine.owner(), Action.RUN), machine.file(),
                () -> commands.start(machine, request.machineCommand(), request.streams(), call.caller().sender()))
                .whenComplete((started, error) -> request.streams().close())
                .thenCompose(started -> untilEnded(call, started));
    }

    /** Waits again for a command of the caller's whose reply was lost because the daemon that owed it was restarted. */
    CompletableFuture<Object[]> awaitRun(Call call, MachineRecord machine) throws IOException {
        return untilEnded(call, commands.startedBy(machine, call.caller().sender()));
    }

    private CompletableFuture<Object[]> untilEnded(Call call, GuestCommands.Started started) {
        return disconnects.watch(started.ended(), call.caller(), () -> commands.stop(started.unit()))
                .thenApply(status -> new Object[] {status});
    }

    /**
     * Waits for a machine to end. Any user may wait. If the caller is the one who started the machine, it is terminated when the caller
     * disconnects, as in the call that started it; a booted machine is not.
     */
    public CompletableFuture<Object[]> await(Call call, RunningMachine running) {
        boolean endsWithCaller = call.caller().sender().equals(running.machine().caller()) && !running.machine().mode().boot();
        CompletableFuture<Integer> ended = running.ended().copy();
        // Otherwise, a disconnect only ends the wait, not the machine, whose future is therefore copied.
        return disconnects
                .watch(ended, call.caller(), endsWithCaller ? () -> machines.terminate(running.machine()) : () -> ended.cancel(false))
                .thenApply(status -> new Object[] {status});
    }

    CompletableFuture<Object[]> terminate(Call call, MachineRecord machine) {
        return release(call, machine, () -> machines.terminate(machine)).thenCompose(ended -> ended).thenApply(status -> new Object[0]);
    }

    CompletableFuture<Object[]> kill(Call call, MachineRecord machine, int signal) {
        if (signal < 1 || signal > LAST_SIGNAL) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "there is no signal " + signal);
        }
        return release(call, machine, () -> {
            machines.kill(machine, signal);
            return new Object[0];
        });
    }

    CompletableFuture<Object[]> terminalResized(Call call, MachineRecord machine) {
        return release(call, machine, () -> {
            machines.terminalResized(machine);
            commands.terminalResized(machine);
            return new Object[0];
        });
    }

    /** The process id of the machine's first process, which machined is asked for each time. */
    int leader(MachineRecord machine) {
        return machines.leader(machine);
    }

    private <T> CompletableFuture<T> release(Call call, MachineRecord machine, ImageOperations.Work<T> work) {
        return imageOperations.ifAuthorized(call, ImageOperations.ownerAction(call, machine.owner(), Action.RELEASE), machine.file(), work);
    }
}
