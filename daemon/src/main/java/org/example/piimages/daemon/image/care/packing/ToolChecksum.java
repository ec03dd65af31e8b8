package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import org.example.piimages.daemon.image.care.ToolRun;
import org.example.piimages.daemon.image.checksum.HashFunction;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.RunningCommand;

/** Computes the checksum with a tool, which is faster for many bytes; see {@link Checksum}. */
final class ToolChecksum implements ByteChecksum {

    private final RunningCommand tool;

    private ToolChecksum(RunningCommand tool) {
        this.tool = tool;
    }

    /** Starts the checksum of bytes that are read from or written to {@code file}. */
    static ToolChecksum start(OpenFile file, Credentials credentials) throws IOException {
        return new ToolChecksum(Checksum.beginForInput(HashFunction.SHA256, file, credentials));
    }

    @Override
    public void update(byte[] bytes, int from, int count) throws IOException {
        try {
            tool.input().write(bytes, from, count);
        } catch (IOException e) {
            // The tool has exited; its status gives a better reason.
            tool.await(ToolRun.LIMIT).requireSuccess();
            throw e;
        }
    }

    @Override
    public String digest() throws IOException {
        tool.input().close();
        return Checksum.sum(tool.await(ToolRun.LIMIT));
    }

    /** Kills the tool. */
    @Override
    public void close() {
        tool.close();
    }
}
