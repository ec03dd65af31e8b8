package org.example.piimages.daemon.machine;

import org.example.piimages.daemon.machine.record.MachineRecord;

/** Who is told that machines come, change and go. Called from any thread. */
public interface MachineListener {

    void started(RunningMachine machine);

    /** Its state is another. */
    void changed(RunningMachine machine);

    /** The status is what the command exited with, 128 plus a signal's number, or 255 when nobody could tell. */
    void ended(MachineRecord machine, int status);
}
