package org.example.piimages.daemon.bus.gate;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads in which calls may block. Each user has a share of them, and a user who occupies all threads of that share delays only that
 * user's own calls. The gate limits the number of waiting calls. Tasks that wait for other tasks of this pool must not run here.
 */
public final class CallThreads {

    /** How many threads one user may have at once. */
    static final int PER_USER = 8;
    /** How many root may have. */
    static final int FOR_ROOT = 16;
    /** How many all users together may have, root's apart; who has none gets one all the same. */
    static final int IN_ALL = 40;
    /** How many there are at most, with those. */
    static final int MOST = 200;

    private static final int IDLE_SECONDS = 30;

    /** What one user has. */
    private static final class Share {
        private final int most;
        private final boolean counted;
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private int running;

        Share(int uid) {
            most = uid == 0 ? FOR_ROOT : PER_USER;
            counted = uid != 0;
        }
    }

    /** A piece of work and whose it is. */
    private record Turn(int uid, Share share, Runnable work) {
    }

    private final Executor threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
            work -> new Thread(work, "call"));
    private final Map<Integer, Share> shares = new LinkedHashMap<>();
    private int running;

    /** Runs one user's work, now or when their share allows it. Throws RejectedExecutionException when there is no thread to be had. */
    public Executor of(int uid) {
        return work -> submit(uid, work);
    }

    private void submit(int uid, Runnable work) {
        Turn turn;
        synchronized (this) {
            Share share = shares.computeIfAbsent(uid, Share::new);
            if (!may(share)) {
                share.waiting.add(work);
                return;
            }
            turn = begin(uid, share, work);
        }
        try {
            threads.execute(() -> runAll(turn));
        } catch (OutOfMemoryError e) {
            // "unable to create native thread": TasksMax= of the unit, or pids.max.
            giveBack(turn);
            throw new RejectedExecutionException("no thread can be started", e);
        }
    }

    private boolean may(Share share) {
        return share.running < share.most && (!share.counted || running < IN_ALL || share.running == 0 && running < MOST);
    }

    private Turn begin(int uid, Share share, Runnable work) {
        share.running++;
        running += share.counted ? 1 : 0;
        return new Turn(uid, share, work);
    }

    private void runAll(Turn first) {
        for (Turn turn = first; turn != null; turn = end(turn)) {
            try {
                turn.work().run();
            } catch (RuntimeException | Error e) {
                Thread here = Thread.currentThread();
                here.getUncaughtExceptionHandler().uncaughtException(here, e);
            }
        }
    }

    /** A thread is free: whose turn it is; null when nobody waits. */
    private synchronized Turn end(Turn ended) {
        giveBack(ended);
        Share own = ended.share();
        // Only they may have a thread though all others have the most.
        return may(own) && own.running == 0 && !own.waiting.isEmpty() ? begin(ended.uid(), own, own.waiting.remove()) : next();
    }

    private synchronized void giveBack(Turn turn) {
        Share own = turn.share();
        own.running--;
        running -= own.counted ? 1 : 0;
        if (own.running == 0 && own.waiting.isEmpty()) {
            shares.remove(turn.uid());
        }
    }

    /** Of the users who wait, the one who has been served the longest time ago. */
    private Turn next() {
        for (Iterator<Map.Entry<Integer, Share>> each = shares.entrySet().iterator(); each.hasNext();) {
            Map.Entry<Integer, Share> entry = each.next();
            Share share = entry.getValue();
            if (!share.waiting.isEmpty() && may(share)) {
                each.remove();
                shares.put(entry.getKey(), share);
                return begin(entry.getKey(), share, share.waiting.remove());
            }
        }
        return null;
    }
}
