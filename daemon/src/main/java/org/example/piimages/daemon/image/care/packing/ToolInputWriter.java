package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CancellationException;

/** Copies a stream to the input of a tool in a thread, while the output of the tool is read. */
final class ToolInputWriter implements Closeable {

    private final Thread thread;
    private final OutputStream sink;
    private volatile IOException failure;

    private ToolInputWriter(InputStream source, OutputStream sink) {
        this.sink = sink;
        this.thread = new Thread(() -> copy(source), "pump");
    }

    /** Starts the thread, which closes the sink at the end of the source. */
    static ToolInputWriter start(InputStream source, OutputStream sink) {
        ToolInputWriter writer = new ToolInputWriter(source, sink);
        writer.thread.setDaemon(true);
        writer.thread.start();
        return writer;
    }

    private void copy(InputStream source) {
        try (sink) {
            source.transferTo(sink);
        } catch (IOException e) {
            failure = e;
        } catch (CancellationException e) {
            failure = new IOException("cancelled", e);
        }
    }

    /** Waits until the whole stream is copied. Throws the exception that ended the thread, if any. */
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

    /** Interrupts the thread. As the tool has exited, the thread can only be waiting for the source, which ends when its own tool exits. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
