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

    private record Waiting(CompletableFuture<Object[]> answer, Supplier<CompletableFuture<Object[]>> call) {
    }

    private final int most;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int underWay;

    /** Creates a queue with at most {@code most} concurrent calls. */
    public CallQueue(int most) {
        this.most = most;
    }

    /**
     * Makes a call as soon as the limit allows. If the result is completed from outside before that, for example by a timeout, the call
     * is not made.
     *
     * @param call makes the call, like {@link BusConnection#callAsync}; nobody else may complete the future that it returns
     */
    public CompletableFuture<Object[]> add(Supplier<CompletableFuture<Object[]>> call) {
        Waiting added = new Waiting(new CompletableFuture<>(), call);
        synchronized (this) {
            waiting.add(added);
        }
        added.answer().whenComplete((values, error) -> forget(added));
        next();
        return added.answer();
    }

    private synchronized void forget(Waiting done) {
        waiting.remove(done);
    }

    /** Calls are made without holding the lock: a call may complete at once. */
    private void next() {
        for (Waiting turn = take(); turn != null; turn = take()) {
            CompletableFuture<Object[]> answer = turn.answer();
            turn.call().get().whenComplete((values, error) -> {
                synchronized (this) {
                    underWay--;
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

    private synchronized Waiting take() {
        if (underWay == most || waiting.isEmpty()) {
            return null;
        }
        underWay++;
        return waiting.poll();
    }
}
