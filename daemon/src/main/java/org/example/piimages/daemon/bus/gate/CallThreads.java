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
 * user's own calls. The gate limits the number of waiting calls. Tasks that wait for other tasks of this pool must not run thread.
 */
public final class CallThreads {

    /** The number of threads that one user may have at once. */
    static final int PER_USER = 8;
    /** The number of threads that root may have at once. */
    static final int FOR_ROOT = 16;
    /** The number of threads that all users but root may have; a user who has none gets one all the same. */
    static final int TOTAL = 40;
    /** The upper limit of the number of threads, including those. */
    static final int MAX_THREADS = 200;

    private static final int IDLE_SECONDS = 30;

    /** The share of one user. */
    private static final class Share {
        private final int limit;
        private final boolean counted;
        private final Queue<Runnable> waiting = new ArrayDeque<>();
        private int running;

        Share(int uid) {
            limit = uid == 0 ? FOR_ROOT : PER_USER;
            counted = uid != 0;
        }
    }

    /** A task and its user. */
    private record Task(int uid, Share share, Runnable work) {
    }

    private final Executor threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(),
            work -> new Thread(work, "call"));
    private final Map<Integer, Share> shares = new LinkedHashMap<>();
    private int running;

    /**
     * Returns an executor that runs a user's tasks, immediately or when the user's share allows it. It throws
     * {@link RejectedExecutionException} if no thread can be started.
     */
    public Executor of(int uid) {
        return work -> submit(uid, work);
    }

    private void submit(int uid, Runnable work) {
        Task task;
        synchronized (this) {
            Share share = shares.computeIfAbsent(uid, Share::new);
            if (!mayRun(share)) {
                share.waiting.add(work);
                return;
            }
            task = begin(uid, share, work);
        }
        try {
            threads.execute(() -> runAll(task));
        } catch (OutOfMemoryError e) {
            // "unable to create native thread": TasksMax= of the unit, or pids.max.
            release(task);
            throw new RejectedExecutionException("no thread can be started", e);
        }
    }

    private boolean mayRun(Share share) {
        return share.running < share.limit && (!share.counted || running < TOTAL || share.running == 0 && running < MAX_THREADS);
    }

    private Task begin(int uid, Share share, Runnable work) {
        share.running++;
        running += share.counted ? 1 : 0;
        return new Task(uid, share, work);
    }

    private void runAll(Task first) {
        for (Task task = first; task != null; task = end(task)) {
            try {
                task.work().run();
            } catch (RuntimeException | Error e) {
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
        }
    }

    /** Ends a task and returns the one that its thread runs next; null if none may run. */
    private synchronized Task end(Task ended) {
        release(ended);
        Share share = ended.share();
        // When more than TOTAL threads run, only this user, who now has none, may have the free one.
        return mayRun(share) && share.running == 0 && !share.waiting.isEmpty() ? begin(ended.uid(), share, share.waiting.remove()) : next();
    }

    private synchronized void release(Task task) {
        Share share = task.share();
        share.running--;
        running -= share.counted ? 1 : 0;
        if (share.running == 0 && share.waiting.isEmpty()) {
            shares.remove(task.uid());
        }
    }

    /** Takes a task of the waiting user who was served least recently; null if none may run. */
    private Task next() {
        for (Iterator<Map.Entry<Integer, Share>> each = shares.entrySet().iterator(); each.hasNext();) {
            Map.Entry<Integer, Share> entry = each.next();
            Share share = entry.getValue();
            if (!share.waiting.isEmpty() && mayRun(share)) {
                each.remove();
                shares.put(entry.getKey(), share);
                return begin(entry.getKey(), share, share.waiting.remove());
            }
        }
        return null;
    }
}
