package org.example.piimages.daemon.machine;

import org.example.piimages.daemon.machine.record.MachineRecord;

/** Receives events of machines. Called from any thread. */
public interface MachineListener {

    /** A machine is about to be started: its unit does not exist yet. */
    void started(RunningMachine machine);

    /** The machine's state has changed. */
    void changed(RunningMachine machine);

    /** The status is the exit status of the command, 128 plus a signal's number, or 255 if it is unknown. */
    void ended(MachineRecord machine, int status);
}
