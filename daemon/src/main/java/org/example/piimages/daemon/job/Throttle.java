package org.example.piimages.daemon.job;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Calls a listener at most four times per second. The last change is never lost. */
final class Throttle {

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final ScheduledExecutorService clock;
    private final Runnable listener;
    private long last = System.nanoTime() - INTERVAL_NANOS;
    private boolean waiting;
    private boolean closed;

    Throttle(ScheduledExecutorService clock, Runnable listener) {
        this.clock = clock;
        this.listener = listener;
    }

    /** Notifies the listener of a change, now or at the end of the interval. */
    synchronized void changed() {
        if (!waiting && !closed) {
            waiting = true;
            long wait = Math.max(0, last + INTERVAL_NANOS - System.nanoTime());
            clock.schedule(this::fire, wait, TimeUnit.NANOSECONDS);
        }
    }

    private synchronized void fire() {
        waiting = false;
        if (!closed) {
            last = System.nanoTime();
            listener.run();
        }
    }

    /** Notifies the listener of the last change immediately; later changes are ignored. */
    synchronized void ended() {
        closed = true;
        listener.run();
    }
}
