package org.example.piimages.dbus;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Lets at most so many calls be under way at once; the others wait for their turn, the first first.
 *
 * <p>A bus lets a connection wait for so many answers and refuses further calls, whoever they are to: dbus-daemon(1),
 * max_replies_per_connection. Who does not answer must not use them up. A call is under way until it is answered, also when nobody waits
 * for the answer any more.
 */
public final class CallQueue {

    private record Waiting(CompletableFuture<Object[]> answer, Supplier<CompletableFuture<Object[]>> call) {
    }

    private final int most;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int underWay;

    /** At most that many at once. */
    public CallQueue(int most) {
        this.most = most;
    }

    /**
     * Makes a call when there is room for it. When the result is completed by others before that, as by a time limit, it is not made.
     *
     * @param call as {@link BusConnection#callAsync}; nobody else may complete what it returns
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

    /** Calls are made outside of the lock: one may be answered at once. */
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
