package org.example.piimages.daemon.image;

import java.util.HashMap;
import java.util.Map;
import org.example.piimages.contract.Failure;

/**
 * How much of something each of many may hold, and all of them together: what one takes is never what another was to have. The first
 * little of each is theirs beyond that, up to a quarter more, so that those who hold much together cannot keep out one who holds nothing.
 *
 * @param <K> whom it is counted for
 */
public final class Quota<K> {

    private final String what;
    private final long each;
    private final long all;
    private final long assured;
    private final Map<K, Long> held = new HashMap<>();
    private long total;

    /**
     * A quota of which nobody holds anything.
     *
     * @param what of what, for a message: "images mounted"
     * @param each the most that one may hold
     * @param all the most that all may hold together
     * @param assured what one may hold though all hold the most already
     */
    public Quota(String what, long each, long all, long assured) {
        this.what = what;
        this.each = each;
        this.all = all;
        this.assured = assured;
    }

    /** Takes an amount for somebody. Throws {@link Failure} LIMIT_EXCEEDED, and nothing is taken then. */
    public synchronized void take(K whom, long amount) {
        long after = held.getOrDefault(whom, 0L) + amount;
        if (after > each) {
            throw new Failure(Failure.Kind.LIMIT_EXCEEDED, "you have reached the limit of " + what + " per user (" + each
                    + "); wait for some to end, or end some");
        }
        if (total + amount > (after > assured ? all : all + all / 4)) {
            throw new Failure(Failure.Kind.LIMIT_EXCEEDED, "all users together have reached the limit of " + what + " (" + all
                    + "); try again when some have ended");
        }
        add(whom, amount);
    }

    /** Counts what somebody holds already, whatever the limits say. */
    public synchronized void add(K whom, long amount) {
        if (amount > 0) {
            held.merge(whom, amount, Long::sum);
            total += amount;
        }
    }

    /** Gives back what was taken. */
    public synchronized void give(K whom, long amount) {
        total -= amount;
        held.computeIfPresent(whom, (key, before) -> before == amount ? null : before - amount);
    }
}
