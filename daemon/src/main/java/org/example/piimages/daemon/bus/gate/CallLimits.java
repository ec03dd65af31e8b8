package org.example.piimages.daemon.bus.gate;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.example.piimages.daemon.image.Quota;

/**
 * Limits the calls in progress, including those that wait for a running command, and the memory and descriptors that they occupy, so that
 * no user can exhaust them. Root has no limits.
 */
final class CallLimits {

    /** The number of calls in progress of one user. */
    static final int PER_USER = 64;
    /** The number of calls in progress of all users. */
    static final int TOTAL = 1024;
    /**
     * The bytes of messages of one user; decoding enlarges them up to tenfold. Enough for 4 of the longest, or for 64 with three
     * descriptors each. The limit for all users is half of the daemon's memory when decoded.
     */
    static final int BYTES_PER_USER = 1 << 20;
    static final int TOTAL_BYTES = 6 << 20;
    /** The bytes of messages of one connection that has not been identified yet: the longest message and a little more. */
    static final int BYTES_PER_SENDER = 512 << 10;
    static final int TOTAL_UNIDENTIFIED_BYTES = 4 << 20;
    /** The bytes that are available to each user or connection whatever the others occupy. */
    static final int GUARANTEED_BYTES = 8 << 10;

    private final Quota<Integer> calls = new Quota<>("calls in progress", PER_USER, TOTAL, 1);
    private final Quota<Integer> bytes = new Quota<>("bytes in calls in progress", BYTES_PER_USER, TOTAL_BYTES, GUARANTEED_BYTES);
    private final Quota<String> unidentified =
            new Quota<>("bytes in calls that have not been identified", BYTES_PER_SENDER, TOTAL_UNIDENTIFIED_BYTES,
                    GUARANTEED_BYTES);

    /**
     * Runs the query that identifies a sender, unless too many bytes of the sender's already wait for one. The future then fails with
     * {@link org.example.piimages.contract.Failure} LIMIT_EXCEEDED.
     */
    <T> CompletableFuture<T> identifying(String sender, long size, Supplier<CompletableFuture<T>> question) {
        return holding(unidentified, sender, size, question);
    }

    /**
     * Starts the work of a call of {@code size} bytes, unless its user or all users together have reached a limit. The future then fails
     * with {@link org.example.piimages.contract.Failure} LIMIT_EXCEEDED.
     */
    <T> CompletableFuture<T> within(int uid, long size, Supplier<CompletableFuture<T>> work) {
        return uid == 0 ? start(work) : holding(calls, uid, 1, () -> holding(bytes, uid, size, work));
    }

    private static <K, T> CompletableFuture<T> holding(Quota<K> quota, K holder, long amount, Supplier<CompletableFuture<T>> work) {
        try {
            quota.take(holder, amount);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        return start(work).whenComplete((value, error) -> quota.release(holder, amount));
    }

    /** Starts work. Work that cannot start, for want of a thread, counts as ended. */
    private static <T> CompletableFuture<T> start(Supplier<CompletableFuture<T>> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
