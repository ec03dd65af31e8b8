package org.example.piimages.cli.output;

import java.io.Closeable;
import java.util.Map;
import org.example.piimages.build.download.DownloadProgress;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.terminal.StandardStream;

/** How a download gets on, shown as a job is. */
public final class DownloadDisplay implements DownloadProgress, Closeable {

    private static final long INTERVAL = 500_000_000;
    private static final double NANOS = 1e9;

    private final Output output;
    /** Elsewhere, that the download begins is enough. */
    private final boolean isShown;
    private final JobProgress line = new JobProgress(System.err, true);
    private long first = -1;
    private long begun;
    private long shown;

    /** A display on standard error; of nothing where the output wants none. */
    public DownloadDisplay(Output output) {
        this.output = output;
        this.isShown = output.wantsProgress() && StandardStream.ERROR.isTerminal();
    }

    @Override
    public void said(String text) {
        if (output.wantsProgress()) {
            System.err.println(Printable.of(text));
        }
    }

    @Override
    public void received(long bytes, long total) {
        long now = System.nanoTime();
        if (first < 0) {
            // What was there before did not come in this time.
            first = bytes;
            begun = now;
        }
        if (!isShown || shown != 0 && now - shown < INTERVAL) {
            return;
        }
        shown = now;
        long rate = (long) ((bytes - first) * NANOS / Math.max(1, now - begun));
        line.show(Map.of("Step", "download", "BytesTotal", total, "Progress", total == 0 ? 0 : (double) bytes / total, "Rate", rate, "Eta",
                rate == 0 ? 0 : (total - bytes) / rate));
    }

    /** Takes the line away. */
    @Override
    public void close() {
        line.end();
    }
}
