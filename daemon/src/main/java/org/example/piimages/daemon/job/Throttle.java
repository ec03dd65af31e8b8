package org.example.piimages.daemon.job;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Calls a listener at most four times a second; the last change is never lost. */
final class Throttle {

    private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final ScheduledExecutorService clock;
    private final Runnable listener;
    private long last = System.nanoTime() - INTERVAL_NANOS;
    private boolean waiting;
    private boolean over;

    Throttle(ScheduledExecutorService clock, Runnable listener) {
        this.clock = clock;
        this.listener = listener;
    }

    /** There is something new: told now, or when the interval is over. */
    synchronized void changed() {
        if (!waiting && !over) {
            waiting = true;
            long wait = Math.max(0, last + INTERVAL_NANOS - System.nanoTime());
            clock.schedule(this::tell, wait, TimeUnit.NANOSECONDS);
        }
    }

    private synchronized void tell() {
        waiting = false;
        if (!over) {
            last = System.nanoTime();
            listener.run();
        }
    }

    /** The last news, told at once; nothing comes after it. */
    synchronized void ended() {
        over = true;
        listener.run();
    }
}
