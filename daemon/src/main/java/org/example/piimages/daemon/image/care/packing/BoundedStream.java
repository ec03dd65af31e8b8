package org.example.piimages.daemon.image.care.packing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.example.piimages.contract.Failure;

/** A stream of the next {@code length} bytes of another stream. Closing it does not close the other stream. */
final class BoundedStream extends InputStream {

    private final InputStream stream;
    private long remaining;

    BoundedStream(InputStream stream, long length) {
        this.stream = stream;
        this.remaining = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (remaining == 0) {
            return -1;
        }
        int count = stream.read(buffer, offset, (int) Math.min(length, remaining));
        remaining -= Math.max(count, 0);
        return count;
    }

    /**
     * Skips the rest of the bytes.
     *
     * @throws Failure INVALID_IMAGE if the other stream ends before
     */
    void skipRest() throws IOException {
        try {
            stream.skipNBytes(remaining);
            remaining = 0;
        } catch (EOFException e) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "unexpected end of the archive; download it again", e);
        }
    }
}
