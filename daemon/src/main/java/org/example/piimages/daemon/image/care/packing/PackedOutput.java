package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.UserWrite;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Carries what a tool packs into its file, and sums it up on the way. */
final class PackedOutput implements Closeable {

    private static final int PIECE = 256 * 1024;

    private final RunningCommand tool;
    private final OpenFile file;
    private final ToolSum sum;
    private final Credentials who;
    private final Thread thread = new Thread(this::carry, "packed");
    private volatile Exception failure;

    private PackedOutput(RunningCommand tool, OpenFile file, ToolSum sum, Credentials who) {
        this.tool = tool;
        this.file = file;
        this.sum = sum;
        this.who = who;
    }

    /** Starts it. The tool is ended when its output cannot be written. */
    static PackedOutput start(RunningCommand tool, OpenFile file, Credentials who) throws IOException {
        PackedOutput output = new PackedOutput(tool, file, ToolSum.start(file, who), who);
        output.thread.setDaemon(true);
        output.thread.start();
        return output;
    }

    private void carry() {
        try {
            // On the user's account: their quota holds, and what the filesystem keeps for root.
            UserWrite.as(who, this::carryAll);
        } catch (IOException | RuntimeException e) {
            failure = e;
            tool.kill();
        }
    }

    private void carryAll() throws IOException {
        byte[] buffer = new byte[PIECE];
        long done = 0;
        InputStream packed = tool.output();
        for (int got = packed.read(buffer); got >= 0; got = packed.read(buffer)) {
            file.write(done, got == buffer.length ? buffer : Arrays.copyOf(buffer, got));
            sum.pass(buffer, 0, got);
            file.beginSync();
            done += got;
        }
    }

    /** Returns when all was written, which is when the tool has ended. Throws what broke it off. */
    void await() throws IOException {
        join();
        if (failure instanceof IOException broken) {
            throw broken;
        }
        if (failure instanceof RuntimeException other) {
            throw other;
        }
    }

    /** The checksum of all that was written. */
    String sum() throws IOException {
        return sum.end();
    }

    private void join() throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a tool packed", e);
        }
    }

    /** Ends the tool as well: nothing is written to the file any more. */
    @Override
    public void close() throws IOException {
        tool.kill();
        sum.close();
        join();
    }
}
