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

/** The client of systemd-machined; org.freedesktop.machine1(5). */
public final class Machined {

    private static final String NAME = "org.freedesktop.machine1";
    private static final String PATH = "/org/freedesktop/machine1";

    /** The number of concurrent calls, see the constant of the same name in {@link Systemd}. */
    private static final int CALLS_AT_ONCE = 16;

    private static final String NSPAWN = "systemd-nspawn";
    /** The time limit of {@link #awaitLeader}: an init need not handle any signal. */
    private static final Duration LEADER_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final Peer machined;

    public Machined(BusConnection bus) {
        this.machined = new Peer(bus, NAME, CALLS_AT_ONCE);
    }

    /**
     * Waits until a signal to the machine's first process is not lost, for two seconds at most: systemd-nspawn 257 reports that the machine
     * is ready before it has started the program that runs in it.
     */
    public void awaitLeader(String machine) {
        int leader = leader(machine);
        long deadline = System.nanoTime() + LEADER_TIMEOUT.toNanos();
        while (leader != 0 && !Processes.handlesSignals(leader, NSPAWN) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    /** Sends a signal to a machine's first process as soon as it handles signals. Throws Failure FAILED if it cannot be sent. */
    public void killLeader(String machine, int signal) {
        awaitLeader(machine);
        try {
            machined.call(PATH, NAME + ".Manager", "KillMachine", "ssi", machine, "leader", signal);
        } catch (RemoteError e) {
            throw new Failure(Failure.Kind.FAILED, "cannot signal " + machine + ": " + e.getMessage(), e);
        }
    }

    /** The process id of a machine's first process in the host's PID namespace; 0 if the machine does not exist, or not yet. */
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
