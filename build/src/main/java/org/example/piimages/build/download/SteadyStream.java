package org.example.piimages.build.download;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What a server sends, which is given up where it sends nothing for too long, or takes too long for all of it. */
final class SteadyStream extends FilterInputStream {

    private static final long PAUSE_MILLIS = 200;
    private static final double NANOS = 1e9;

    private final Duration longestPause;
    private final Duration longest;
    private final long begun = System.nanoTime();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    /** When the last byte came. */
    private volatile long last = begun;
    /** Whether somebody waits for the next one: a reader that takes its time is no fault of the server's. */
    private volatile boolean isWaiting;
    /** Why it was given up, or null. */
    private volatile String reason;

    /**
     * A stream that is given up.
     *
     * @param longestPause how long nothing may come
     * @param longest how long all of it may take; null for as long as it likes
     */
    SteadyStream(InputStream stream, Duration longestPause, Duration longest) {
        super(stream);
        this.longestPause = longestPause;
        this.longest = longest;
        Thread watch = new Thread(this::watch, "watch-server");
        watch.setDaemon(true);
        watch.start();
    }

    private void watch() {
        try {
            while (!closed.isDone()) {
                Thread.sleep(PAUSE_MILLIS);
                long now = System.nanoTime();
                if (isWaiting && now - last > longestPause.toNanos()) {
                    giveUp("the server has sent nothing for " + seconds(longestPause));
                } else if (longest != null && now - begun > longest.toNanos()) {
                    giveUp("the server has not sent all of it in " + seconds(longest));
                }
            }
        } catch (InterruptedException | IOException e) {
            // Whoever reads hears of it.
        }
    }

    private static String seconds(Duration time) {
        return Math.round(time.toNanos() / NANOS) + " seconds";
    }

    /** Closing it ends a read that waits. */
    private void giveUp(String why) throws IOException {
        reason = why;
        close();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        last = System.nanoTime();
        isWaiting = true;
        try {
            int count = super.read(buffer, offset, length);
            if (reason != null) {
                throw new IOException(reason);
            }
            return count;
        } catch (IOException e) {
            throw reason == null ? e : new IOException(reason, e);
        } finally {
            isWaiting = false;
        }
    }

    @Override
    public void close() throws IOException {
        closed.complete(null);
        super.close();
    }
}
