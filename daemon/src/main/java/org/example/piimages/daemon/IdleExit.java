package org.example.piimages.daemon;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.Activity;
import org.example.piimages.daemon.linux.ServiceState;
import org.example.piimages.dbus.BusConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the daemon when nobody has wanted anything for a while: the bus starts it again with the next call, and it finds what is mounted.
 *
 * <p>No call is lost on the way. systemd is told first, so that the bus's wish for a new daemon waits for the old one's end; then the name
 * is given up. What was sent to the old one before that has arrived here when the bus confirms it, and is answered.
 */
final class IdleExit {

    private static final Logger LOG = LoggerFactory.getLogger(IdleExit.class);
    /** Less than systemd waits for a service that said that it is about to end. */
    private static final Duration LAST_CALLS = Duration.ofSeconds(60);

    private final BusConnection bus;
    private final ServiceState state;
    private final Activity activity;
    private final BooleanSupplier needed;
    private final Duration limit;

    /**
     * For a daemon that is in use while {@code needed} says so, whether or not somebody calls.
     *
     * @param limit how long nobody must have called
     */
    IdleExit(BusConnection bus, ServiceState state, Activity activity, BooleanSupplier needed, Duration limit) {
        this.bus = bus;
        this.state = state;
        this.activity = activity;
        this.needed = needed;
        this.limit = limit;
    }

    /** Does not return when it is time. */
    void check() {
        if (activity.quietFor().compareTo(limit) < 0 || needed.getAsBoolean()) {
            return;
        }
        LOG.info("nothing to do for {} s; the next call starts piimagesd again", limit.toSeconds());
        state.stopping();
        bus.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, "ReleaseName", "s", Names.SERVICE);
        try {
            activity.awaitQuiet(LAST_CALLS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.exit(0);
    }
}
