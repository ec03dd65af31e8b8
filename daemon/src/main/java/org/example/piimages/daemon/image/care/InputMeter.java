package org.example.piimages.daemon.image.care;

import java.time.Duration;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Measures the progress of a job by the position in the input file of a tool. To be polled while the tool runs. */
public final class InputMeter {

    /** Short enough for a smooth progress bar. */
    static final Duration INTERVAL = Duration.ofMillis(250);

    private final RunningCommand running;
    private final Progress progress;
    private long reported;
    private long lastReport = System.nanoTime();

    public InputMeter(RunningCommand running, Progress progress) {
        this.running = running;
        this.progress = progress;
    }

    /**
     * Reports the progress, at most once per {@link #INTERVAL}.
     *
     * @throws java.util.concurrent.CancellationException if the job was cancelled
     */
    public void poll() {
        long now = System.nanoTime();
        if (now - lastReport < INTERVAL.toNanos()) {
            progress.advance(0);
            return;
        }
        lastReport = now;
        long position = running.inputPosition().orElse(reported);
        progress.advance(position - reported);
        reported = position;
    }
}
