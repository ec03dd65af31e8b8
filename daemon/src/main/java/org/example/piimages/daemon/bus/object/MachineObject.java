package org.example.piimages.daemon.bus.object;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.BusObject;
import org.example.piimages.daemon.machine.RunningMachine;
import org.example.piimages.daemon.machine.record.MachineRecord;

/** The bus object of a machine. */
public final class MachineObject {

    private MachineObject() {
    }

    /**
     * Returns the object path of a machine. Names consist of letters, digits and hyphens; paths cannot have hyphens, which are escaped as
     * systemd does: {@code _2d}.
     */
    public static String path(String name) {
        return Names.MACHINE_PATH_PREFIX + name.replace("-", "_2d");
    }

    static BusObject of(RunningMachine running, MachineOperations operations) {
        MachineRecord machine = running.machine();
        String interfaceName = Names.MACHINE;
        int owner = machine.owner();
        return new BusObject(path(machine.name()))
                .method(interfaceName, "Terminate", call -> operations.terminate(call, machine))
                .method(interfaceName, "Wait", call -> operations.await(call, running))
                .method(interfaceName, "Run", call -> operations.runIn(call, machine))
                .method(interfaceName, "WaitRun", call -> operations.awaitRun(call, machine))
                .method(interfaceName, "Kill", call -> operations.kill(call, machine, (Integer) call.arguments()[0]))
                .method(interfaceName, "TerminalResized", call -> operations.terminalResized(call, machine))
                .property(interfaceName, "Name", caller -> machine.name())
                .property(interfaceName, "Image", caller -> machine.image().isEmpty() ? "/" : ImageObject.path(machine.image()))
                .property(interfaceName, "File", caller -> caller.mayRead(owner) ? machine.file() : "")
                .property(interfaceName, "Owner", caller -> owner)
                .property(interfaceName, "Caller", caller -> machine.caller())
                .property(interfaceName, "Unit", caller -> machine.unit())
                .property(interfaceName, "Command", caller -> caller.mayRead(owner) ? machine.command() : List.<String>of())
                .property(interfaceName, "Architecture", caller -> machine.architecture())
                .property(interfaceName, "Emulated", caller -> !machine.interpreter().isEmpty())
                .property(interfaceName, "Interpreter", caller -> machine.interpreter())
                .property(interfaceName, "HostTools", caller -> machine.hostTools())
                .property(interfaceName, "State", caller -> running.state())
                .property(interfaceName, "Leader", caller -> operations.leader(machine))
                .property(interfaceName, "Booted", caller -> machine.mode().boot())
                .property(interfaceName, "Ephemeral", caller -> machine.mode().ephemeral())
                .property(interfaceName, "Network", caller -> machine.mode().network().title())
                .property(interfaceName, "Since", caller -> machine.since());
    }

    static CompletableFuture<Object[]> noValues() {
        return CompletableFuture.completedFuture(new Object[0]);
    }
}
