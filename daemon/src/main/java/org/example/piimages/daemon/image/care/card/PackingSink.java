package org.example.piimages.daemon.image.care.card;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import org.example.piimages.daemon.image.care.CardSink;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.care.packing.Compression;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Compresses a card while it is read. */
final class PackingSink implements CardSink, Closeable {

    private static final byte[] ZEROS = new byte[1 << 20];

    private final RunningCommand tool;
    private final OutputStream input;
    private final OpenFile packed;
    private final Progress progress;

    private PackingSink(RunningCommand tool, OpenFile packed, Progress progress) {
        this.tool = tool;
        this.input = tool.input();
        this.packed = packed;
        this.progress = progress;
    }

    /**
     * Starts the compressor.
     *
     * @param length the number of bytes that will be passed to the sink
     * @param packed the file that the compressor writes to
     */
    static PackingSink start(Compression compression, long length, OpenFile packed, Credentials credentials, Progress progress)
            throws IOException {
        RunningCommand tool = compression.compress(length, credentials).inputFromPipe(packed).output(packed).start();
        progress.onCancel(tool::kill);
        return new PackingSink(tool, packed, progress);
    }

    @Override
    public void data(byte[] bytes) throws IOException {
        write(bytes, bytes.length);
        packed.startWriteback();
    }

    @Override
    public void zeros(long count) throws IOException {
        for (long remaining = count; remaining > 0; remaining -= ZEROS.length) {
            progress.advance(0);
            write(ZEROS, (int) Math.min(remaining, ZEROS.length));
        }
    }

    private void write(byte[] bytes, int count) throws IOException {
        try {
            input.write(bytes, 0, count);
        } catch (IOException e) {
            // The compressor has exited, either because the job was cancelled or by itself.
            progress.advance(0);
            tool.await(ToolRun.LIMIT).requireSuccess();
            throw e;
        }
    }

    @Override
    public void end() throws IOException {
        progress.step("pack", 0);
        try {
            input.close();
        } catch (IOException e) {
            // The exit status of the compressor, checked below, gives a better reason.
        }
        RunningCommand.Ended ended = tool.await(ToolRun.LIMIT);
        progress.onCancel(null);
        progress.advance(0);
        ended.requireSuccess();
    }

    @Override
    public void close() {
        tool.close();
    }
}
