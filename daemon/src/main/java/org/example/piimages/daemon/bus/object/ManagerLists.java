package org.example.piimages.daemon.bus.object;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.daemon.bus.gate.Call;
import org.example.piimages.daemon.emulation.InterpreterState;
import org.example.piimages.daemon.emulation.Interpreters;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.machine.Machines;
import org.example.piimages.daemon.machine.RunningMachine;

/** The List methods of the manager: one row for each image, machine or interpreter. */
public final class ManagerLists {

    private final Images images;
    private final Machines machines;
    private final Interpreters interpreters;

    public ManagerLists(Images images, Machines machines, Interpreters interpreters) {
        this.images = images;
        this.machines = machines;
        this.interpreters = interpreters;
    }

    CompletableFuture<Object[]> images(Call call) throws IOException {
        return rows(images.all().stream().map(image -> {
            boolean mayRead = call.caller().mayRead(image.owner().uid());
            return new Object[] {ImageObject.path(image.id()), mayRead ? image.file() : "", mayRead ? image.mountPoint().toString() : "",
                image.owner().uid(), image.readOnly()};
        }).toList());
    }

    CompletableFuture<Object[]> machines(Call call) {
        return rows(machines.all().stream().map(RunningMachine::machine).map(machine -> {
            boolean mayRead = call.caller().mayRead(machine.owner());
            return new Object[] {machine.name(), MachineObject.path(machine.name()), machine.unit(), mayRead ? machine.file() : "",
                machine.owner()};
        }).toList());
    }

    CompletableFuture<Object[]> interpreters(Call call) throws IOException {
        Collection<InterpreterState> states = interpreters.states();
        return rows(states.stream().map(state -> new Object[] {state.architecture(), state.state(), state.entry(), state.interpreter(),
            state.flags(), state.ours()}).toList());
    }

    private static CompletableFuture<Object[]> rows(List<Object[]> rows) {
        return CompletableFuture.completedFuture(new Object[] {rows});
    }
}
