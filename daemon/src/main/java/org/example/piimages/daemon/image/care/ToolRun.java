package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.time.Duration;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** A tool that runs for a job and ends with it. */
public final class ToolRun {

    /** More than fsck takes for the largest card. */
    public static final Duration LIMIT = Duration.ofHours(2);

    private ToolRun() {
    }

    /** What is looked at while a tool works; what it throws ends the tool. */
    @FunctionalInterface
    public interface Watch {
        void look() throws IOException;
    }

    /** Runs it on its input, a file, and tells how far it has read that. See {@link #of}. */
    public static RunningCommand.Ended measured(Command command, Progress progress, Watch watch) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            InputMeter meter = new InputMeter(running, progress);
            follow(running, () -> {
                meter.look();
                watch.look();
            });
            return ended(running, progress);
        }
    }

    /** Runs it to its end. When the job is cancelled it is killed, and the next step of the job throws. */
    public static RunningCommand.Ended of(Command command, Progress progress) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            return ended(running, progress);
        }
    }

    /** The same, for a tool that is not worth waiting for any longer than that. Throws Failure FAILED when it takes longer. */
    public static RunningCommand.Ended within(Duration limit, Command command, Progress progress) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            return ended(running, limit, progress);
        }
    }

    /** The same as {@link #of}, looking at something meanwhile. */
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
            watch.look();
            if (System.nanoTime() > end) {
                running.kill();
                throw new Failure(Failure.Kind.FAILED,
                        "a tool was terminated because it took longer than " + LIMIT.toMinutes() + " minutes");
            }
        }
    }

    private static RunningCommand.Ended ended(RunningCommand running, Progress progress) throws IOException {
        return ended(running, LIMIT, progress);
    }

    private static RunningCommand.Ended ended(RunningCommand running, Duration limit, Progress progress) throws IOException {
        RunningCommand.Ended ended = running.await(limit);
        progress.onCancel(null);
        progress.advance(0);
        return ended;
    }
}
