package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.time.Duration;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Runs a tool for a job. The tool is killed if the job is cancelled. */
public final class ToolRun {

    /** The time limit of a tool: more than fsck takes for the largest card. */
    public static final Duration LIMIT = Duration.ofHours(2);

    private ToolRun() {
    }

    /** A check that is made repeatedly while a tool runs; an exception that it throws ends the tool. */
    @FunctionalInterface
    public interface Watch {
        void check() throws IOException;
    }

    /** Like {@link #watched}, but also reports the position in the tool's input file as the progress of the job. */
    public static RunningCommand.Ended measured(Command command, Progress progress, Watch watch) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            InputMeter meter = new InputMeter(running, progress);
            follow(running, () -> {
                meter.poll();
                watch.check();
            });
            return ended(running, progress);
        }
    }

    /**
     * Runs a tool and waits for it. If the job is cancelled, the tool is killed and a CancellationException is thrown.
     *
     * @throws Failure FAILED if the tool takes longer than {@link #LIMIT}
     */
    public static RunningCommand.Ended of(Command command, Progress progress) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            return ended(running, progress);
        }
    }

    /**
     * Like {@link #of}, with a shorter time limit.
     *
     * @throws Failure FAILED if the tool takes longer than {@code limit}
     */
    public static RunningCommand.Ended within(Duration limit, Command command, Progress progress) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            return ended(running, limit, progress);
        }
    }

    /** Like {@link #of}, but calls {@code watch} repeatedly while the tool runs. */
    public static RunningCommand.Ended watched(Command command, Progress progress, Watch watch) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            follow(running, watch);
            return ended(running, progress);
        }
    }

    private static void follow(RunningCommand running, Watch watch) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!running.endsWithin(InputMeter.INTERVAL)) {
            watch.check();
            if (System.nanoTime() > end) {
                running.kill();
                throw new Failure(Failure.Kind.FAILED,
                        "a tool was terminated because it took longer than " + LIMIT.toMinutes() + " minutes");
            }
        }
    }

    /**
     * Waits for a tool whose output has been read, or which writes it to a file. Throws CancellationException if the job was cancelled.
     *
     * @throws Failure FAILED if the tool takes longer than {@link #LIMIT}
     */
    public static RunningCommand.Ended ended(RunningCommand running, Progress progress) throws IOException {
        return ended(running, LIMIT, progress);
    }

    private static RunningCommand.Ended ended(RunningCommand running, Duration limit, Progress progress) throws IOException {
        RunningCommand.Ended ended = running.await(limit);
        progress.onCancel(null);
        progress.advance(0);
        return ended;
    }
}
