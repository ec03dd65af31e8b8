package org.example.piimages.daemon;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.gate.Activity;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.systemd.ServiceState;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.UInt32;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exits when the daemon has been idle for a while. The bus starts it again with the next call.
 *
 * <p>No call is lost. The daemon first notifies systemd that it is stopping, so that activation waits for the old process to exit; then it
 * releases its bus name. Calls that were sent before have arrived when the bus confirms the release, and are answered. If answering them
 * takes long, or they have started a job or a machine, the daemon requests the name again and continues until it is idle again, because
 * other calls cannot wait that long. Meanwhile, systemd shows the unit as "deactivating", and the stop timeout is extended.
 */
final class IdleExit {

    /** The time that new calls may wait while the last ones are answered: less than the activation timeout of the bus. */
    private static final Duration LAST_CALLS_LIMIT = Duration.ofSeconds(2);
    /** The stop timeout that is requested from systemd, repeatedly. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(90);
    private static final UInt32 DO_NOT_QUEUE = new UInt32(4);

    private static final Logger LOG = LoggerFactory.getLogger(IdleExit.class);

    private final BusConnection bus;
    private final ServiceState state;
    private final Activity activity;
    private final BooleanSupplier needed;
    private final Duration limit;
    private final Runnable end;
    private boolean stopping;
    private boolean nameReleased;

    /**
     * Creates the check.
     *
     * @param needed whether the daemon is in use, even without calls
     * @param limit the time without calls after which the daemon is idle
     * @param end ends the daemon
     */
    IdleExit(BusConnection bus, ServiceState state, Activity activity, BooleanSupplier needed, Duration limit, Runnable end) {
        this.bus = bus;
        this.state = state;
        this.activity = activity;
        this.needed = needed;
        this.limit = limit;
        this.end = end;
    }

    /**
     * Ends the daemon if it is idle. To be called at intervals shorter than {@link #STOP_TIMEOUT}; whatever fails is retried by the next
     * call.
     */
    void check() {
        try {
            if (stopping) {
                state.extendStopTimeout(STOP_TIMEOUT);
            }
            if (nameReleased) {
                requestName();
            }
            if (activity.idleTime().compareTo(limit) >= 0 && !needed.getAsBoolean()) {
                exit();
            }
        } catch (RuntimeException e) {
            LOG.warn("cannot exit now: {}", e.getMessage(), e);
        }
    }

    private void exit() {
        Event.done("leaving").log("idle for {} s; the next call starts piimagesd again", limit.toSeconds());
        stopping = true;
        state.stopping();
        nameReleased = true;
        call("ReleaseName", "s", Names.SERVICE);
        // From here on no new calls arrive. Earlier ones may still be processed, and may have started a job or a machine.
        if (isQuiet() && !needed.getAsBoolean()) {
            end.run();
            return;
        }
        Event.done("staying").log("a call arrived while piimagesd was about to exit; it continues to run until the call has ended");
        state.extendStopTimeout(STOP_TIMEOUT);
        requestName();
    }

    private boolean isQuiet() {
        try {
            return activity.awaitIdle(LAST_CALLS_LIMIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void requestName() {
        call("RequestName", "su", Names.SERVICE, DO_NOT_QUEUE);
        nameReleased = false;
    }

    private void call(String method, String signature, Object... arguments) {
        bus.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, method, signature, arguments);
    }
}
