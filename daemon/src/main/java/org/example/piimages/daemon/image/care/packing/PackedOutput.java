package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.UserWrite;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Copies the output of a compressor to a file in a thread, and computes its checksum. */
final class PackedOutput implements Closeable {

    private static final int PIECE = 256 * 1024;

    private final RunningCommand tool;
    private final OpenFile file;
    private final ToolChecksum sum;
    private final Credentials credentials;
    private final Thread thread = new Thread(this::run, "packed");
    private volatile Exception failure;

    private PackedOutput(RunningCommand tool, OpenFile file, ToolChecksum sum, Credentials credentials) {
        this.tool = tool;
        this.file = file;
        this.sum = sum;
        this.credentials = credentials;
    }

    /** Starts the thread. The tool is killed if its output cannot be written. */
    static PackedOutput start(RunningCommand tool, OpenFile file, Credentials credentials) throws IOException {
        PackedOutput output = new PackedOutput(tool, file, ToolChecksum.start(file, credentials), credentials);
        output.thread.setDaemon(true);
        output.thread.start();
        return output;
    }

    private void run() {
        try {
            // Writes with the user's credentials, so that their quota and the blocks reserved for root are respected.
            UserWrite.as(credentials, this::copy);
        } catch (IOException | RuntimeException e) {
            failure = e;
            tool.kill();
        }
    }

    private void copy() throws IOException {
        byte[] buffer = new byte[PIECE];
        long done = 0;
        InputStream packed = tool.output();
        for (int count = packed.read(buffer); count >= 0; count = packed.read(buffer)) {
            file.write(done, count == buffer.length ? buffer : Arrays.copyOf(buffer, count));
            sum.update(buffer, 0, count);
            file.startWriteback();
            done += count;
        }
    }

    /** Waits until the whole output is written, which is when the tool has exited. Throws the exception that ended the thread, if any. */
    void await() throws IOException {
        join();
        if (failure instanceof IOException broken) {
            throw broken;
        }
        if (failure instanceof RuntimeException other) {
            throw other;
        }
    }

    /** Returns the checksum of the output. */
    String sum() throws IOException {
        return sum.digest();
    }

    private void join() throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a tool packed", e);
        }
    }

    /** Kills the tool and waits for the thread; afterwards nothing is written to the file. */
    @Override
    public void close() throws IOException {
        tool.kill();
        sum.close();
        join();
    }
}
