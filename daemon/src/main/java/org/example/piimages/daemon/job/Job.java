package org.example.piimages.daemon.job;

import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A job: an operation that is running or has ended. Thread-safe. */
public final class Job implements Progress {

    /**
     * The progress of a job.
     *
     * @param step the name of the current step, one word
     * @param bytesDone the bytes that were processed in this step
     * @param bytesTotal the bytes to process in this step; 0 if unknown
     * @param rate the average rate of this step, in bytes per second; 0 if unknown
     */
    public record Measure(String step, long bytesDone, long bytesTotal, long rate) {

        /** The fraction of the step that is done, from 0 to 1; 0 if the total is unknown. */
        public double fraction() {
            return bytesTotal <= 0 ? 0 : Math.min(1, (double) bytesDone / bytesTotal);
        }

        /** The estimated remaining time of the step, in seconds; 0 if unknown. */
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

    /** The job number, which is unique until the daemon exits. */
    public long number() {
        return number;
    }

    /** The name of the operation, one word. */
    public String operation() {
        return operation;
    }

    /** The file that the job processes, as its owner specified it. */
    public String file() {
        return file;
    }

    /** The UID of the user who started the job. */
    public int owner() {
        return owner;
    }

    /** The state of the job. */
    public synchronized JobState state() {
        return state;
    }

    /** The progress; that of the last step if the job has ended. */
    public synchronized Measure measure() {
        long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - stepStart);
        return new Measure(step, bytesDone, bytesTotal, elapsed < 100 ? 0 : bytesDone * 1000 / elapsed);
    }

    /**
     * A future that completes with the result or the exception of {@link Work#run}; with a CancellationException that has a message if the
     * job was cancelled.
     */
    public CompletableFuture<Map<String, Object>> result() {
        return result.copy();
    }

    /** Requests that the operation stop. Has no effect after the job has ended or called {@link #commit}. */
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
            now.stop();
        }
        changed.run();
    }

    @Override
    public void step(String name, long totalBytes) {
        synchronized (this) {
            requireNotCancelled();
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
            requireNotCancelled();
            bytesDone += bytes;
        }
        changed.run();
    }

    @Override
    public void onCancel(Stop newStop) {
        boolean already;
        synchronized (this) {
            stop = newStop;
            already = state == JobState.CANCELLING;
        }
        if (already && newStop != null) {
            newStop.stop();
        }
    }

    @Override
    public synchronized void commit() {
        requireNotCancelled();
        committed = true;
    }

    private void requireNotCancelled() {
        if (state == JobState.CANCELLING) {
            throw new CancellationException("cancelled");
        }
    }

    /**
     * Runs the operation in the current thread. Any exception that it throws after a cancellation is treated as the end of a cancelled job.
     *
     * @param ended called when the state is final, before the result is available
     */
    void run(Work work, Runnable ended) {
        try {
            Map<String, Object> values = work.run(this);
            end(JobState.DONE, ended);
            result.complete(values);
        } catch (Exception | Error e) {
            boolean hasMessage = e instanceof CancellationException;
            boolean cancelled = hasMessage || state() == JobState.CANCELLING;
            end(cancelled ? JobState.CANCELLED : JobState.FAILED, ended);
            result.completeExceptionally(cancelled && !hasMessage ? new CancellationException("cancelled") : e);
        }
    }

    /**
     * Ends the job without running it; otherwise like {@link #run}.
     *
     * @param cause the exception that completes the result
     */
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
