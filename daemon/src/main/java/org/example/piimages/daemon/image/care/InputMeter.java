package org.example.piimages.daemon.image.care;

import java.time.Duration;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** How far a tool has read its input, which is what a job's progress is measured by. To be looked at while the tool works. */
public final class InputMeter {

    /** Often enough for a bar that moves. */
    static final Duration INTERVAL = Duration.ofMillis(250);

    private final RunningCommand running;
    private final Progress progress;
    private long told;
    private long last = System.nanoTime();

    public InputMeter(RunningCommand running, Progress progress) {
        this.running = running;
        this.progress = progress;
    }

    /** Tells the progress, now and then. Throws {@link java.util.concurrent.CancellationException} when the work is to stop. */
    public void look() {
        long now = System.nanoTime();
        if (now - last < INTERVAL.toNanos()) {
            progress.advance(0);
            return;
        }
        last = now;
        long position = running.inputPosition().orElse(told);
        progress.advance(position - told);
        told = position;
    }
}
