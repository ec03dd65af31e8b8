package org.example.piimages.daemon.machine;

import java.io.Closeable;
import java.util.List;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.machine.nspawn.Bind;
import org.example.piimages.daemon.machine.nspawn.MachineCommand;
import org.example.piimages.daemon.machine.nspawn.Privileges;
import org.example.piimages.daemon.machine.nspawn.StandardStreams;
import org.example.piimages.daemon.machine.record.MachineMode;

/**
 * A request to start a machine. It holds descriptors until it is closed.
 *
 * @param caller the bus name of the requesting connection; empty for the daemon itself
 * @param name the machine's name; empty to derive one from the name of the image file
 * @param mode the mode of the machine
 * @param selection the partitions of the image to use
 * @param hostTools whether tools of the host may replace the image's if it is emulated
 * @param privileges the machine's privileges on the host
 * @param machineCommand what runs in it
 * @param binds files and directories of the host to bind into it
 * @param streams its standard streams
 */
public record MachineRequest(String caller, String name, MachineMode mode, PartitionSelection selection, boolean hostTools,
        Privileges privileges,
        MachineCommand machineCommand, List<Bind> binds, StandardStreams streams) implements Closeable {

    public MachineRequest {
        binds = List.copyOf(binds);
    }

    @Override
    public void close() {
        streams.close();
        binds.forEach(Bind::close);
    }
}
