package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.time.Duration;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.Command;
import org.example.piimages.daemon.linux.RunningCommand;

/** A tool that runs for a job and ends with it. */
final class ToolRun {

    /** More than fsck takes for the largest card. */
    static final Duration LIMIT = Duration.ofHours(2);

    private ToolRun() {
    }

    /** Runs it to its end. When the job is cancelled it is killed, and the next step of the job throws. */
    static RunningCommand.Ended of(Command command, Progress progress) throws IOException {
        try (RunningCommand running = command.start()) {
            progress.onCancel(running::kill);
            RunningCommand.Ended ended = running.await(LIMIT);
            progress.onCancel(null);
            progress.advance(0);
            return ended;
        }
    }
}
