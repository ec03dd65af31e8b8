package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Carries a stream into a tool while what the tool makes of it is read. */
final class ToolInputWriter implements Closeable {

    private final Thread thread;
    private final OutputStream sink;
    private volatile IOException failure;

    private ToolInputWriter(InputStream source, OutputStream sink) {
        this.sink = sink;
        this.thread = new Thread(() -> carry(source), "pump");
    }

    /** Starts it; it closes the sink at the end of the source. */
    static ToolInputWriter start(InputStream source, OutputStream sink) {
        ToolInputWriter pump = new ToolInputWriter(source, sink);
        pump.thread.setDaemon(true);
        pump.thread.start();
        return pump;
    }

    private void carry(InputStream source) {
        try (sink) {
            source.transferTo(sink);
        } catch (IOException e) {
            failure = e;
        }
    }

    /** Returns when all was carried. Throws what broke it off. */
    void end() throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a tool was fed", e);
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** Ends it where it is. The tool has ended, so that it waits for nothing but the source, which ends with its own tool. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
