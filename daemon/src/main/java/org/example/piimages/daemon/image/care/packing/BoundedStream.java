package org.example.piimages.daemon.image.care.packing;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.example.piimages.contract.Failure;

/** So many bytes of another stream, which stays open. */
final class BoundedStream extends InputStream {

    private final InputStream stream;
    private long left;

    BoundedStream(InputStream stream, long length) {
        this.stream = stream;
        this.left = length;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int got = stream.read(buffer, offset, (int) Math.min(length, left));
        left -= Math.max(got, 0);
        return got;
    }

    /**
     * Goes to where it ends.
     *
     * @throws Failure INVALID_IMAGE when the other stream ends before
     */
    void skipRest() throws IOException {
        try {
            stream.skipNBytes(left);
            left = 0;
        } catch (EOFException e) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "unexpected end of the archive; download it again", e);
        }
    }
}
