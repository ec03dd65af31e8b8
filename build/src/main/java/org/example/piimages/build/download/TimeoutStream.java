package org.example.piimages.build.download;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A stream from a server that fails if the server sends nothing for too long, or does not send everything in time. */
final class TimeoutStream extends FilterInputStream {

    private static final long PAUSE_MILLIS = 200;
    private static final double NANOS = 1e9;

    private final Duration longestPause;
    private final Duration longest;
    private final long startTime = System.nanoTime();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    /** The time when the last read began, from System.nanoTime(). */
    private volatile long last = startTime;
    /** Whether a read is waiting for data. Only then does the pause count: a slow reader is not the fault of the server. */
    private volatile boolean isWaiting;
    /** Why the stream was aborted; null if it was not. */
    private volatile String reason;

    /**
     * Creates a stream with timeouts.
     *
     * @param longestPause the longest time that a read may wait for data
     * @param longest the longest time for the whole stream; null for no limit
     */
    TimeoutStream(InputStream stream, Duration longestPause, Duration longest) {
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
                } else if (longest != null && now - startTime > longest.toNanos()) {
                    giveUp("the server has not sent all of it in " + seconds(longest));
                }
            }
        } catch (InterruptedException | IOException e) {
            // The reader gets the exception.
        }
    }

    private static String seconds(Duration time) {
        return Math.round(time.toNanos() / NANOS) + " seconds";
    }

    /** Aborts the stream; closing it unblocks a waiting read. */
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
