package org.example.piimages.daemon.linux.systemd;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.process.Processes;
import org.example.piimages.dbus.BusConnection;
import org.example.piimages.dbus.Peer;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;

/** systemd-machined, as far as we need it; org.freedesktop.machine1(5). */
public final class Machined {

    private static final String NAME = "org.freedesktop.machine1";
    private static final String PATH = "/org/freedesktop/machine1";

    /** See Systemd's. */
    private static final int CALLS_AT_ONCE = 16;

    private static final String NSPAWN = "systemd-nspawn";
    /** An init need not take any signal. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final Peer machined;

    public Machined(BusConnection bus) {
        this.machined = new Peer(bus, NAME, CALLS_AT_ONCE);
    }

    /**
     * Waits until a signal to the machine's first process is not lost, two seconds at most: systemd-nspawn 257 says that the machine is
     * ready before it has started what runs in it.
     */
    public void awaitLeader(String machine) {
        int leader = leader(machine);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (leader != 0 && !Processes.takesSignals(leader, NSPAWN) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** Sends a signal to a machine's first process, as soon as it takes signals. Throws Failure FAILED when it cannot. */
    public void killLeader(String machine, int signal) {
        awaitLeader(machine);
        try {
            machined.call(PATH, NAME + ".Manager", "KillMachine", "ssi", machine, "leader", signal);
        } catch (RemoteError e) {
            throw new Failure(Failure.Kind.FAILED, "cannot signal " + machine + ": " + e.getMessage(), e);
        }
    }

    /** The process id of a machine's first process, as the host counts; 0 when there is no such machine, or not yet. */
    public int leader(String machine) {
        try {
            String path = machined.call(PATH, NAME + ".Manager", "GetMachine", "s", machine).get(0).toString();
            Object leader = machined.call(path, "org.freedesktop.DBus.Properties", "Get", "ss", NAME + ".Machine", "Leader").get(0);
            return ((UInt32) ((Variant<?>) leader).getValue()).intValue();
        } catch (RemoteError e) {
            return 0;
        }
    }
}
