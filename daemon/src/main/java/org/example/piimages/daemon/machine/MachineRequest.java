package org.example.piimages.daemon.machine;

import java.io.Closeable;
import java.util.List;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.machine.nspawn.Bind;
import org.example.piimages.daemon.machine.nspawn.Privileges;
import org.example.piimages.daemon.machine.nspawn.Streams;
import org.example.piimages.daemon.machine.nspawn.Task;
import org.example.piimages.daemon.machine.record.MachineMode;

/**
 * A machine that is wanted. It holds descriptors until it is closed.
 *
 * @param caller the bus name of the connection that asks
 * @param name what it shall be called; empty to make a name of the file's
 * @param mode what kind of machine
 * @param selection which partitions of the image
 * @param hostTools whether tools of the host's may stand for the image's, where it is emulated
 * @param privileges what it may do on the host
 * @param task what runs in it
 * @param binds files and folders of the host's that it sees
 * @param streams where it reads and writes
 */
public record MachineRequest(String caller, String name, MachineMode mode, PartitionSelection selection, boolean hostTools,
        Privileges privileges,
        Task task, List<Bind> binds, Streams streams) implements Closeable {

    public MachineRequest {
        binds = List.copyOf(binds);
    }

    @Override
    public void close() {
        streams.close();
        binds.forEach(Bind::close);
    }
}
