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

    private final String resource;
    private final long limit;
    private final long totalLimit;
    private final long guaranteed;
    private final Map<K, Long> held = new HashMap<>();
    private long total;

    /**
     * Creates a quota of which nothing is taken.
     *
     * @param resource the limited resource, for messages: "images mounted"
     * @param limit the most that one may hold
     * @param totalLimit the most that all may hold together
     * @param guaranteed the amount that each may hold although {@code totalLimit} is reached, while the total is at most a quarter above it
     */
    public Quota(String resource, long limit, long totalLimit, long guaranteed) {
        this.resource = resource;
        this.limit = limit;
        this.totalLimit = totalLimit;
        this.guaranteed = guaranteed;
    }

    /** Takes an amount. Throws {@link Failure} LIMIT_EXCEEDED if a limit would be exceeded; nothing is taken then. */
    public synchronized void take(K user, long amount) {
        long after = held.getOrDefault(user, 0L) + amount;
        if (after > limit) {
            throw new Failure(Failure.Kind.LIMIT_EXCEEDED, "you have reached the limit of " + resource + " per user (" + limit
                    + "); wait for some to end, or end some");
        }
        if (total + amount > (after > guaranteed ? totalLimit : totalLimit + totalLimit / 4)) {
            throw new Failure(Failure.Kind.LIMIT_EXCEEDED, "all users together have reached the limit of " + resource + " (" + totalLimit
                    + "); try again when some have ended");
        }
        add(user, amount);
    }

    /** Counts an amount that is in use already, regardless of the limits. */
    public synchronized void add(K user, long amount) {
        if (amount > 0) {
            held.merge(user, amount, Long::sum);
            total += amount;
        }
    }

    /** Gives back what was taken. */
    public synchronized void release(K user, long amount) {
        total -= amount;
        held.computeIfPresent(user, (key, before) -> before == amount ? null : before - amount);
    }
}
