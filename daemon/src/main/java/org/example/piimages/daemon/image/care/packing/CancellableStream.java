package org.example.piimages.daemon.image.care.packing;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A stream of a file that checks before each piece whether the job was cancelled. Nothing else ends the reading of a sparse file, which can
 * be larger than can be read in days.
 */
final class CancellableStream extends FilterInputStream {

    private final Runnable check;

    /**
     * Wraps a stream.
     *
     * @param check throws an exception when the reading is to end
     */
    CancellableStream(InputStream stream, Runnable check) {
        super(stream);
        this.check = check;
    }

    @Override
    public int read() throws IOException {
        check.run();
        return super.read();
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        check.run();
        return super.read(buffer, offset, length);
    }
}
