package org.example.piimages.daemon;

import java.util.concurrent.Executor;
import org.example.piimages.daemon.linux.systemd.ServiceState;
import org.example.piimages.dbus.BusConnection;

/**
 * Notifies systemd's watchdog as long as a worker thread is available and the bus answers it through the reader's thread. If there is no
 * notification for WatchdogSec=, systemd kills the daemon and starts another one.
 */
final class Watchdog {

    private final BusConnection bus;
    private final ServiceState state;
    private final Executor executor;

    Watchdog(BusConnection bus, ServiceState state, Executor executor) {
        this.bus = bus;
        this.state = state;
        this.executor = executor;
    }

    /** Makes a call to the bus through the components that process calls. If one of them is stuck, systemd is not notified. */
    void check() {
        try {
            executor.execute(() -> bus.callAsync(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "GetId", (byte) 0, "")
                    .thenRun(state::pingWatchdog));
        } catch (OutOfMemoryError e) {
            // No thread can be started. If this persists, systemd restarts the daemon; the next check must still run.
        }
    }
}
