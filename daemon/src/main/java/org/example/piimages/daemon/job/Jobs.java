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
 * The registry of jobs. A job that has ended is kept for a minute, or until its result was queried, because the client that started it may
 * query it only after it has ended.
 */
public final class Jobs {

    /** The maximum number of running jobs of a user. */
    public static final int LIMIT_PER_USER = 8;
    /** The maximum number of running jobs of all users except root; a user without jobs may exceed it by a quarter. */
    public static final int LIMIT = 64;
    /** The maximum number of running jobs of root. */
    public static final int LIMIT_OF_ROOT = 128;
    /** The maximum number of jobs of a user that are kept, including jobs that have ended. */
    static final int KEPT_PER_USER = 32;

    private static final long KEPT_SECONDS = 60;

    private final Executor executor;
    private final ScheduledExecutorService clock;
    private final JobListener listener;
    private final IntUnaryOperator accounts;
    private final AtomicLong lastNumber = new AtomicLong();
    private final Map<Long, Job> jobs = new ConcurrentSkipListMap<>();

    /**
     * Creates an empty registry.
     *
     * @param executor runs each operation in a thread of its own
     * @param clock runs tasks that do not block
     * @param accounts maps the UID of an owner to the account whose limits apply, which is the same for all UIDs of one person
     */
    public Jobs(Executor executor, ScheduledExecutorService clock, JobListener listener, IntUnaryOperator accounts) {
        this.executor = executor;
        this.clock = clock;
        this.listener = listener;
        this.accounts = accounts;
    }

    /**
     * Starts a job.
     *
     * @param operation the name of the operation, one word
     * @param file the file that it processes
     * @param owner the UID of the calling user
     * @return the job; empty if a limit of running or kept jobs is reached
     * @throws RejectedExecutionException if no thread can be started; no job exists then
     */
    public synchronized Optional<Job> start(String operation, String file, int owner, Work work) {
        if (!isBelowLimits(owner)) {
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
                clock.schedule(() -> discard(job), KEPT_SECONDS, TimeUnit.SECONDS);
            });
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            // OutOfMemoryError: "unable to create native thread".
            RejectedExecutionException rejected = new RejectedExecutionException("no thread can be started for a job", e);
            job.refuse(rejected, throttle::ended);
            discard(job);
            throw rejected;
        }
        return Optional.of(job);
    }

    private boolean isBelowLimits(int owner) {
        List<Job> running = jobs.values().stream().filter(job -> !job.state().isEnd()).toList();
        if (owner == 0) {
            return running.stream().filter(job -> job.owner() == 0).count() < LIMIT_OF_ROOT;
        }
        long ofAll = running.stream().filter(job -> job.owner() != 0).count();
        int account = accounts.applyAsInt(owner);
        long runningJobs = running.stream().filter(job -> accounts.applyAsInt(job.owner()) == account).count();
        long keptJobs = jobs.values().stream().filter(job -> accounts.applyAsInt(job.owner()) == account).count();
        return runningJobs < LIMIT_PER_USER && keptJobs < KEPT_PER_USER && (ofAll < LIMIT || runningJobs == 0 && ofAll < LIMIT + LIMIT / 4);
    }

    /** Stops keeping a job, because its result was delivered. Has no effect on a job that is running or was removed. */
    public void discard(Job job) {
        if (job.state().isEnd() && jobs.remove(job.number(), job)) {
            listener.removed(job);
        }
    }

    /** All running and kept jobs, the oldest first. */
    public Collection<Job> all() {
        return jobs.values();
    }
}
