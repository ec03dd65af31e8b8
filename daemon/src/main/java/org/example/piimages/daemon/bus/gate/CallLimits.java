package org.example.piimages.daemon.bus.gate;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.example.piimages.daemon.image.Quota;

/**
 * What callers may hold of the daemon: how many calls under way, a running command's included, and how much of its memory and descriptors
 * those take, so that nobody can take all of it. Root has no limits.
 */
final class CallLimits {

    static final int PER_USER = 64;
    static final int IN_ALL = 1024;
    /**
     * Of messages, which become up to ten times as much when they are decoded: 4 of the longest, or 64 with three descriptors each. In all,
     * half of the daemon's memory when decoded.
     */
    static final int BYTES_PER_USER = 1 << 20;
    static final int BYTES_IN_ALL = 6 << 20;
    /** Of one connection's, until the bus has said whose it is: the longest message and a little. */
    static final int BYTES_PER_SENDER = 512 << 10;
    static final int UNIDENTIFIED_BYTES_IN_ALL = 4 << 20;
    /** Whatever others do. */
    static final int ASSURED_BYTES = 8 << 10;

    private final Quota<Integer> calls = new Quota<>("calls in progress", PER_USER, IN_ALL, 1);
    private final Quota<Integer> bytes = new Quota<>("bytes in calls in progress", BYTES_PER_USER, BYTES_IN_ALL, ASSURED_BYTES);
    private final Quota<String> unidentified =
            new Quota<>("bytes in calls that have not been identified", BYTES_PER_SENDER, UNIDENTIFIED_BYTES_IN_ALL,
                    ASSURED_BYTES);

    /** Asks who the sender is, unless too much of theirs waits for that already. */
    <T> CompletableFuture<T> identifying(String sender, long size, Supplier<CompletableFuture<T>> question) {
        return holding(unidentified, sender, size, question);
    }

    /** Starts the work of a call of that size in bytes, unless its user or all users are at a limit. */
    <T> CompletableFuture<T> within(int uid, long size, Supplier<CompletableFuture<T>> work) {
        return uid == 0 ? start(work) : holding(calls, uid, 1, () -> holding(bytes, uid, size, work));
    }

    private static <K, T> CompletableFuture<T> holding(Quota<K> quota, K whom, long amount, Supplier<CompletableFuture<T>> work) {
        try {
            quota.take(whom, amount);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        return start(work).whenComplete((value, error) -> quota.give(whom, amount));
    }

    /** Work that does not even start, for want of a thread, has ended as well. */
    private static <T> CompletableFuture<T> start(Supplier<CompletableFuture<T>> work) {
        try {
            return work.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
