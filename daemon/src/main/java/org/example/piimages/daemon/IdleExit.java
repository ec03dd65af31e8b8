package org.example.piimages.daemon;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.example.piimages.contract.Names;
import org.example.piimages.daemon.bus.Activity;
import org.example.piimages.daemon.linux.Event;
import org.example.piimages.daemon.linux.ServiceState;
import org.example.piimages.dbus.BusConnection;
import org.freedesktop.dbus.types.UInt32;

/**
 * Ends the daemon when nobody has wanted anything for a while: the bus starts it again with the next call, and it finds what is mounted.
 *
 * <p>No call is lost on the way. systemd is told first, so that the bus's wish for a new daemon waits for the old one's end; then the name
 * is given up. What was sent to the old one before that has arrived here when the bus confirms it, and is answered. Where that takes
 * long, as a command may, others' calls cannot wait for it: the old one takes the name back and works on, until there is nothing to do
 * again. systemd calls it "deactivating" all the while, and is told to wait.
 */
final class IdleExit {

    /** How long others' calls may wait for the last calls' answers: less than the bus waits for a daemon that is being started. */
    private static final Duration LAST_CALLS = Duration.ofSeconds(2);
    /** What systemd waits for a service that said that it is about to end, and wants to be asked for again and again. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final UInt32 DO_NOT_QUEUE = new UInt32(4);

    private final BusConnection bus;
    private final ServiceState state;
    private final Activity activity;
    private final BooleanSupplier needed;
    private final Duration limit;
    private boolean leaving;

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

    /** Does not return when it is time. To be called more often than systemd's patience lasts. */
    void check() {
        if (leaving) {
            state.stillStopping(PATIENCE);
        }
        if (activity.quietFor().compareTo(limit) < 0 || needed.getAsBoolean()) {
            return;
        }
        Event.done("leaving").say("nothing to do for {} s; the next call starts piimagesd again", limit.toSeconds());
        leaving = true;
        state.stopping();
        call("ReleaseName", "s", Names.SERVICE);
        try {
            if (activity.awaitQuiet(LAST_CALLS)) {
                System.exit(0);
            }
        } catch (InterruptedException e) {
            System.exit(0);
        }
        Event.done("staying").say("somebody called as piimagesd was about to leave; it stays until that is done");
        call("RequestName", "su", Names.SERVICE, DO_NOT_QUEUE);
    }

    private void call(String method, String signature, Object... arguments) {
        bus.call(BusConnection.BUS, BusConnection.BUS_PATH, BusConnection.BUS, method, signature, arguments);
    }
}
