package org.example.piimages.daemon.image;

import java.util.HashMap;
import java.util.Map;
import org.example.piimages.contract.Failure;

/**
 * A limit on a resource for each of several users and for all of them together. A small amount is assured to each beyond the total limit,
 * up to a quarter more, so that a few users who hold much cannot lock out one who holds nothing.
 *
 * @param <K> the type of the users, such as user IDs
 */
public final class Quota<K> {

    private final String what;
    private final long each;
    private final long all;
    private final long assured;
    private final Map<K, Long> held = new HashMap<>();
    private long total;

    /**
     * Creates a quota of which nothing is taken.
     *
     * @param what the limited resource, for messages: "images mounted"
     * @param each the most that one may hold
     * @param all the most that all may hold together
     * @param assured the amount that each may hold although {@code all} is reached, while the total is at most a quarter above it
     */
    public Quota(String what, long each, long all, long assured) {
        this.what = what;
        this.each = each;
        this.all = all;
        this.assured = assured;
    }

    /** Takes an amount. Throws {@link Failure} LIMIT_EXCEEDED if a limit would be exceeded; nothing is taken then. */
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

    /** Counts an amount that is in use already, regardless of the limits. */
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
