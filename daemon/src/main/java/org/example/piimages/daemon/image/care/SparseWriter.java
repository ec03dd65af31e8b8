package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.OpenFile;

/** Writes a stream to a new file and leaves holes where it has nothing but zeros. */
final class SparseWriter {

    /** How much is looked at at once; a hole is at least as large. */
    private static final int PIECE = 64 * 1024;
    /** The most that an MBR can count; whatever unpacks to more is no image for a Raspberry Pi. */
    private static final long MOST_BYTES = 2L << 40;
    /** What is left to others on the filesystem. */
    private static final long RESERVE = 64 << 20;

    private final OpenFile file;
    private final long mostData;
    private long length;
    private long data;

    SparseWriter(OpenFile file) throws IOException {
        this.file = file;
        this.mostData = file.freeBytes() - RESERVE;
    }

    /**
     * Writes the stream to its end, or so much of it.
     *
     * @param most bytes to take
     * @throws Failure NO_SPACE before the filesystem is full, INVALID_IMAGE when there is no end to it
     */
    void write(InputStream stream, long most, Progress progress) throws IOException {
        byte[] zeros = new byte[PIECE];
        byte[] piece = new byte[PIECE];
        long left = most;
        while (left > 0) {
            int got = stream.readNBytes(piece, 0, (int) Math.min(PIECE, left));
            if (got == 0) {
                break;
            }
            if (!Arrays.equals(piece, 0, got, zeros, 0, got)) {
                data += got;
                requireRoom();
                file.write(length, got == PIECE ? piece : Arrays.copyOf(piece, got));
            }
            length += got;
            left -= got;
            requireEnd();
            progress.advance(0);
        }
        file.truncate(length);
    }

    private void requireRoom() {
        if (data > mostData) {
            throw new Failure(Failure.Kind.NO_SPACE, "there is no room for what it unpacks to: " + data + " bytes and more");
        }
    }

    private void requireEnd() {
        if (length > MOST_BYTES) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "it unpacks to more than 2 TiB, so it is no image of a card; nothing was kept");
        }
    }

    /** How long the file is now, holes included. */
    long length() {
        return length;
    }
}
