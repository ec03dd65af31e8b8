package org.example.piimages.cli.output;

import java.io.Closeable;
import java.util.Map;
import org.example.piimages.build.download.DownloadProgress;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.terminal.StandardStream;

/** Displays the progress of a download in the same way as that of a job. */
public final class DownloadDisplay implements DownloadProgress, Closeable {

    private static final long INTERVAL = 500_000_000;
    private static final double NANOS = 1e9;

    private final Output output;
    /** Whether the progress line is shown; otherwise only messages are printed. */
    private final boolean isShown;
    private final JobProgress line = new JobProgress(System.err, true);
    private long first = -1;
    private long started;
    private long shown;

    /** Creates a display on standard error, which is empty if the output does not show progress. */
    public DownloadDisplay(Output output) {
        this.output = output;
        this.isShown = output.wantsProgress() && StandardStream.ERROR.isTerminal();
    }

    @Override
    public void message(String text) {
        if (output.wantsProgress()) {
            System.err.println(Printable.of(text));
        }
    }

    @Override
    public void received(long bytes, long total) {
        long now = System.nanoTime();
        if (first < 0) {
            // Data of an earlier, resumed download must not count towards the rate.
            first = bytes;
            started = now;
        }
        if (!isShown || shown != 0 && now - shown < INTERVAL) {
            return;
        }
        shown = now;
        long rate = (long) ((bytes - first) * NANOS / Math.max(1, now - started));
        line.show(Map.of("Step", "download", "BytesTotal", total, "Progress", total == 0 ? 0 : (double) bytes / total, "Rate", rate, "Eta",
                rate == 0 ? 0 : (total - bytes) / rate));
    }

    /** Clears the progress line. */
    @Override
    public void close() {
        line.end();
    }
}
