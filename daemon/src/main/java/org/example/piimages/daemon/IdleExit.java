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

    /** How long others' calls may wait for the last calls' answers: less than the bus waits for a daemon that is being started. */
    private static final Duration LAST_CALLS = Duration.ofSeconds(2);
    /** What systemd waits for a service that said that it is about to end, and wants to be asked for again and again. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final UInt32 DO_NOT_QUEUE = new UInt32(4);

    private static final Logger LOG = LoggerFactory.getLogger(IdleExit.class);

    private final BusConnection bus;
    private final ServiceState state;
    private final Activity activity;
    private final BooleanSupplier needed;
    private final Duration limit;
    private final Runnable end;
    private boolean leaving;
    private boolean nameless;

    /**
     * For a daemon that is in use while {@code needed} says so, whether or not somebody calls.
     *
     * @param limit how long nobody must have called
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

    /** Ends the daemon when it is time. To be called more often than systemd's patience lasts; what goes wrong is tried again then. */
    void check() {
        try {
            if (leaving) {
                state.stillStopping(PATIENCE);
            }
            if (nameless) {
                takeNameBack();
            }
            if (activity.quietFor().compareTo(limit) >= 0 && !needed.getAsBoolean()) {
                leave();
            }
        } catch (RuntimeException e) {
            LOG.warn("cannot exit now: {}", e.getMessage(), e);
        }
    }

    private void leave() {
        Event.done("leaving").say("idle for {} s; the next call starts piimagesd again", limit.toSeconds());
        leaving = true;
        state.stopping();
        nameless = true;
        call("ReleaseName", "s", Names.SERVICE);
        // From here on nothing new comes; what came before may still be answered, and may have begun something that goes on.
        if (isQuiet() && !needed.getAsBoolean()) {
            end.run();
            return;
        }
        Event.done("staying").say("a call arrived while piimagesd was about to exit; it continues to run until the call has ended");
        state.stillStopping(PATIENCE);
        takeNameBack();
    }

    private boolean isQuiet() {
        try {
            return activity.awaitQuiet(LAST_CALLS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void takeNameBack() {
        call("RequestName", "su", Names.SERVICE, DO_NOT_QUEUE);
        nameless = false;
    }

    private void call(String method, String signature, Object... arguments) {
        bus.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, method, signature, arguments);
    }
}
