package org.example.piimages.dbus;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Limits the number of concurrent calls; further calls wait in first-in, first-out order.
 *
 * <p>A bus limits the number of replies that a connection may wait for, and then rejects its calls to any peer: dbus-daemon(1),
 * max_replies_per_connection. A peer that does not reply must not use up that limit. A call counts until it is answered, even if nobody
 * waits for the reply any more.
 */
public final class CallQueue {

    private record QueuedCall(CompletableFuture<Object[]> answer, Supplier<CompletableFuture<Object[]>> call) {
    }

    private final int maxPending;
    private final Deque<QueuedCall> waiting = new ArrayDeque<>();
    private int pending;

    /** Creates a queue with at most {@code maxPending} concurrent calls. */
    public CallQueue(int maxPending) {
        this.maxPending = maxPending;
    }

    /**
     * Makes a call as soon as the limit allows. If the result is completed from outside before that, for example by a timeout, the call
     * is not made.
     *
     * @param call makes the call, like {@link BusConnection#callAsync}; nobody else may complete the future that it returns
     */
    public CompletableFuture<Object[]> add(Supplier<CompletableFuture<Object[]>> call) {
        QueuedCall added = new QueuedCall(new CompletableFuture<>(), call);
        synchronized (this) {
            waiting.add(added);
        }
        added.answer().whenComplete((values, error) -> forget(added));
        next();
        return added.answer();
    }

    private synchronized void forget(QueuedCall done) {
        waiting.remove(done);
    }

    /** Calls are made without holding the lock: a call may complete at once. */
    private void next() {
        for (QueuedCall queued = take(); queued != null; queued = take()) {
            CompletableFuture<Object[]> answer = queued.answer();
            queued.call().get().whenComplete((values, error) -> {
                synchronized (this) {
                    pending--;
                }
                next();
                if (error == null) {
                    answer.complete(values);
                } else {
                    answer.completeExceptionally(error);
                }
            });
        }
    }

    private synchronized QueuedCall take() {
        if (pending == maxPending || waiting.isEmpty()) {
            return null;
        }
        pending++;
        return waiting.poll();
    }
}
