package org.example.piimages.daemon.bus;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.example.piimages.contract.Failure;

/** How many calls of one user may be under way, a running command's included, so that nobody can take all threads. */
final class CallLimits {

    static final int PER_USER = 64;

    private final Map<Integer, Integer> underWay = new ConcurrentHashMap<>();

    /** Starts the work unless its user is at the limit; root is not limited. */
    <T> CompletableFuture<T> within(int uid, Supplier<CompletableFuture<T>> work) {
        int calls = underWay.merge(uid, 1, Integer::sum);
        CompletableFuture<T> result = uid != 0 && calls > PER_USER
                ? CompletableFuture.failedFuture(new Failure(Failure.Kind.LIMIT_EXCEEDED, "you have " + PER_USER + " calls under way"))
                : start(work);
        return result.whenComplete((value, error) -> underWay.computeIfPresent(uid, (key, count) -> count == 1 ? null : count - 1));
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
