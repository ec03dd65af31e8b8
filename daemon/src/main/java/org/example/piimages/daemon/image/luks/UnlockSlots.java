package org.example.piimages.daemon.image.luks;

import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Limits how many encrypted partitions are opened at the same time: two, because a key slot may require all memory that is available, and
 * several threads; and one per account, so that nobody keeps others waiting with partitions whose keys take long to derive.
 */
final class UnlockSlots {

    private static final int LIMIT = 2;

    private final Set<Integer> accounts = new HashSet<>();

    /**
     * Takes a slot, which {@link #release} frees; waits until there is one.
     *
     * @return whether a slot became free in time
     */
    synchronized boolean take(int account, Duration timeout) throws InterruptedIOException {
        long end = System.nanoTime() + timeout.toNanos();
        while (accounts.size() >= LIMIT || accounts.contains(account)) {
            long remaining = end - System.nanoTime();
            if (remaining <= 0) {
                return false;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, remaining);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while another encrypted volume was opened");
            }
        }
        return accounts.add(account);
    }

    /** Frees the slot of an account. */
    synchronized void release(int account) {
        accounts.remove(account);
        notifyAll();
    }
}
