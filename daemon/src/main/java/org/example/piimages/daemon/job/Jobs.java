package org.example.piimages.daemon.job;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntUnaryOperator;

/**
 * The jobs there are. One that has ended is kept until somebody has asked how it ended, or for a minute: whoever got its number may ask a
 * moment later.
 */
public final class Jobs {

    /** How many jobs of one user may be under way. */
    public static final int LIMIT_PER_USER = 8;
    /** How many of all users together; who has none gets one all the same. */
    public static final int LIMIT = 64;
    /** How many of root's. */
    public static final int LIMIT_OF_ROOT = 128;
    /** How many of one user's jobs are kept in all, those that have ended included. */
    static final int KEPT_PER_USER = 32;

    private static final long KEPT_SECONDS = 60;

    private final Executor executor;
    private final ScheduledExecutorService clock;
    private final JobListener listener;
    private final IntUnaryOperator accounts;
    private final AtomicLong lastNumber = new AtomicLong();
    private final Map<Long, Job> jobs = new ConcurrentSkipListMap<>();

    /**
     * No jobs yet.
     *
     * @param executor runs the works, a thread each
     * @param clock runs only what takes no time
     * @param accounts for an owner's uid the number under which their jobs are counted: one for all that one person can be
     */
    public Jobs(Executor executor, ScheduledExecutorService clock, JobListener listener, IntUnaryOperator accounts) {
        this.executor = executor;
        this.clock = clock;
        this.listener = listener;
        this.accounts = accounts;
    }

    /**
     * Starts a work.
     *
     * @param operation one word
     * @param file what it works on
     * @param owner the uid of who asks
     * @return empty when the owner has as many jobs as one user may, or all users together have
     * @throws RejectedExecutionException when no thread can be had for it; it is as if it had never been asked for then
     */
    public synchronized Optional<Job> start(String operation, String file, int owner, Work work) {
        if (!hasRoom(owner)) {
            return Optional.empty();
        }
        long number = lastNumber.incrementAndGet();
        Throttle throttle = new Throttle(clock, () -> listener.changed(jobs.get(number)));
        Job job = new Job(number, operation, file, owner, throttle::changed);
        jobs.put(number, job);
        listener.added(job);
        try {
            executor.execute(() -> {
                job.run(work, throttle::ended);
                clock.schedule(() -> collect(job), KEPT_SECONDS, TimeUnit.SECONDS);
            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // The latter is "unable to create native thread".
            RejectedExecutionException rejected = new RejectedExecutionException("no thread can be started for a job", e);
            job.refuse(rejected, throttle::ended);
            collect(job);
            throw rejected;
        }
        return Optional.of(job);
    }

    private boolean hasRoom(int owner) {
        List<Job> running = jobs.values().stream().filter(job -> !job.state().isEnd()).toList();
        if (owner == 0) {
            return running.stream().filter(job -> job.owner() == 0).count() < LIMIT_OF_ROOT;
        }
        long ofAll = running.stream().filter(job -> job.owner() != 0).count();
        int account = accounts.applyAsInt(owner);
        long own = running.stream().filter(job -> accounts.applyAsInt(job.owner()) == account).count();
        long kept = jobs.values().stream().filter(job -> accounts.applyAsInt(job.owner()) == account).count();
        return own < LIMIT_PER_USER && kept < KEPT_PER_USER && (ofAll < LIMIT || own == 0 && ofAll < LIMIT + LIMIT / 4);
    }

    /** Somebody has been told how it ended: it is not kept any longer. Without effect while it runs, or when it is gone. */
    public void collect(Job job) {
        if (job.state().isEnd() && jobs.remove(job.number(), job)) {
            listener.removed(job);
        }
    }

    /** Every job that is under way or kept, the oldest first. */
    public Collection<Job> all() {
        return jobs.values();
    }
}
