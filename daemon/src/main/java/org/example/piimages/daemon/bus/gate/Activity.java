package org.example.piimages.daemon.bus.gate;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Tracks the calls in progress, and for how long there has been none. */
public final class Activity {

    private int inProgress;
    private long idleSince = System.nanoTime();

    /** Records that a call has arrived. */
    synchronized void begin() {
        inProgress++;
    }

    /** Records that a call has been answered. */
    synchronized void end() {
        inProgress--;
        idleSince = System.nanoTime();
        notifyAll();
    }

    /** The time since the last call ended; zero while a call is in progress. */
    public synchronized Duration idleTime() {
        return inProgress > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - idleSince);
    }

    /** Waits until no call is in progress. Returns false if some still are when the time limit expires. */
    public synchronized boolean awaitIdle(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (inProgress > 0) {
            long remaining = end - System.nanoTime();
            if (remaining <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, remaining);
        }
        return true;
    }
}
