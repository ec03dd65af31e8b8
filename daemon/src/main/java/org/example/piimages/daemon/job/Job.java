package org.example.piimages.daemon.job;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A work that is under way or has ended. What is seen from outside may be read at any time, from any thread. */
public final class Job implements Progress {

    /**
     * How far a job is.
     *
     * @param step what it is doing, one word
     * @param bytesDone in this step
     * @param bytesTotal of this step, 0 when unknown
     * @param rate bytes a second since the step began, 0 when unknown
     */
    public record Measure(String step, long bytesDone, long bytesTotal, long rate) {

        /** 0 to 1; 0 as well when the total is unknown. */
        public double fraction() {
            return bytesTotal <= 0 ? 0 : Math.min(1, (double) bytesDone / bytesTotal);
        }

        /** Seconds until the step ends at this rate, 0 when unknown. */
        public long secondsLeft() {
            return rate <= 0 || bytesTotal <= bytesDone ? 0 : (bytesTotal - bytesDone) / rate;
        }
    }

    private final long number;
    private final String operation;
    private final String file;
    private final int owner;
    private final Runnable changed;
    private final CompletableFuture<Map<String, Object>> result = new CompletableFuture<>();
    private JobState state = JobState.RUNNING;
    private boolean committed;
    private Stop stop;
    private String step = "";
    private long bytesDone;
    private long bytesTotal;
    private long stepStart = System.nanoTime();

    Job(long number, String operation, String file, int owner, Runnable changed) {
        this.number = number;
        this.operation = operation;
        this.file = file;
        this.owner = owner;
        this.changed = changed;
    }

    /** Unique for the life of the daemon. */
    public long number() {
        return number;
    }

    /** What it does, one word. */
    public String operation() {
        return operation;
    }

    /** What it works on, as its owner called it. */
    public String file() {
        return file;
    }

    /** The uid of who asked for it. */
    public int owner() {
        return owner;
    }

    /** Where it is in its life. */
    public synchronized JobState state() {
        return state;
    }

    /** How far it is; of its last step when it has ended. */
    public synchronized Measure measure() {
        long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - stepStart);
        return new Measure(step, bytesDone, bytesTotal, elapsed < 100 ? 0 : bytesDone * 1000 / elapsed);
    }

    /** Completes with what {@link Work#run} returned, or with what it threw: CancellationException, with words, when it was cancelled. */
    public CompletableFuture<Map<String, Object>> result() {
        return result.copy();
    }

    /** Asks the work to stop. Without effect when it has ended, or is past its point of no return. */
    public void cancel() {
        Stop now;
        synchronized (this) {
            if (state != JobState.RUNNING || committed) {
                return;
            }
            state = JobState.CANCELLING;
            now = stop;
        }
        if (now != null) {
            now.now();
        }
        changed.run();
    }

    @Override
    public void step(String name, long totalBytes) {
        synchronized (this) {
            requireWanted();
            step = name;
            bytesDone = 0;
            bytesTotal = totalBytes;
            stepStart = System.nanoTime();
        }
        changed.run();
    }

    @Override
    public void advance(long bytes) {
        synchronized (this) {
            requireWanted();
            bytesDone += bytes;
        }
        changed.run();
    }

    @Override
    public void onCancel(Stop what) {
        boolean already;
        synchronized (this) {
            stop = what;
            already = state == JobState.CANCELLING;
        }
        if (already && what != null) {
            what.now();
        }
    }

    @Override
    public synchronized void commit() {
        requireWanted();
        committed = true;
    }

    private void requireWanted() {
        if (state == JobState.CANCELLING) {
            throw new CancellationException("cancelled");
        }
    }

    /**
     * Does the work in this thread, and ends. Whatever a work throws once it is to stop is its way of stopping.
     *
     * @param ended run when the state is final and before the result is there
     */
    void run(Work work, Runnable ended) {
        try {
            Map<String, Object> values = work.run(this);
            end(JobState.DONE, ended);
            result.complete(values);
        } catch (Exception | Error e) {
            boolean told = e instanceof CancellationException;
            boolean cancelled = told || state() == JobState.CANCELLING;
            end(cancelled ? JobState.CANCELLED : JobState.FAILED, ended);
            result.completeExceptionally(cancelled && !told ? new CancellationException("cancelled") : e);
        }
    }

    /** Ends it before it has begun. The rest as in {@link #run}. */
    void refuse(Exception cause, Runnable ended) {
        end(JobState.FAILED, ended);
        result.completeExceptionally(cause);
    }

    private void end(JobState last, Runnable ended) {
        synchronized (this) {
            state = last;
            stop = null;
        }
        ended.run();
    }
}
