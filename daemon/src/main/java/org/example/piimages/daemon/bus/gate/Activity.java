package org.example.piimages.daemon.bus.gate;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Whether calls are under way, and how long none has been. */
public final class Activity {

    private int underway;
    private long lastEnd = System.nanoTime();

    /** A call has come. */
    synchronized void begin() {
        underway++;
    }

    /** A call has been answered. */
    synchronized void end() {
        underway--;
        lastEnd = System.nanoTime();
        notifyAll();
    }

    /** Since when nobody has wanted anything; zero while a call is under way. */
    public synchronized Duration quietFor() {
        return underway > 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - lastEnd);
    }

    /** Waits until no call is under way. False when some still are after that time. */
    public synchronized boolean awaitQuiet(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (underway > 0) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }
}
