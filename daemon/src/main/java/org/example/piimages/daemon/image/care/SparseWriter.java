package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.OpenFile;

/** Writes a stream, or the bytes that are read from a card, to a new file. Runs of zeros become holes. */
public final class SparseWriter implements ImageSink, CardSink {

    /** The number of bytes that are checked for zeros at once, which is the minimum size of a hole. */
    private static final int BLOCK = 64 * 1024;
    /** The largest disk that an MBR can describe. A download with larger contents is not an image for a Raspberry Pi. */
    public static final long MAX_SIZE = 2L << 40;
    /** The free space that is left on the filesystem for other users, in bytes. */
    private static final long RESERVE = 64 << 20;
    /** The number of bytes that are written between two checks of the free space. */
    private static final long SPACE_CHECK_INTERVAL = 4 << 20;

    private final OpenFile file;
    private final byte[] zeros = new byte[BLOCK];
    private long length;
    private long data;
    private long checkedAt = -SPACE_CHECK_INTERVAL;

    public SparseWriter(OpenFile file) {
        this.file = file;
    }

    /**
     * {@inheritDoc}
     *
     * @throws Failure NO_SPACE before the filesystem is full
     */
    @Override
    public void write(InputStream stream, Runnable tick) throws IOException {
        byte[] piece = new byte[BLOCK];
        for (int bytesRead = stream.readNBytes(piece, 0, BLOCK); bytesRead > 0; bytesRead = stream.readNBytes(piece, 0, BLOCK)) {
            put(piece, 0, bytesRead);
            tick.run();
        }
        end();
    }

    private void put(byte[] bytes, int from, int count) throws IOException {
        if (!Arrays.equals(bytes, from, from + count, zeros, 0, count)) {
            if (data - checkedAt >= SPACE_CHECK_INTERVAL) {
                checkedAt = data;
                requireRoom();
                file.startWriteback();
            }
            data += count;
            file.write(length, count == bytes.length ? bytes : Arrays.copyOfRange(bytes, from, from + count));
        }
        zeros(count);
    }

    @Override
    public void data(byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; at += BLOCK) {
            put(bytes, at, Math.min(BLOCK, bytes.length - at));
        }
    }

    @Override
    public void zeros(long count) {
        length += count;
        requireMaxSize(length);
    }

    @Override
    public void end() throws IOException {
        file.truncate(length);
    }

    private void requireRoom() throws IOException {
        if (file.freeBytes() < RESERVE + SPACE_CHECK_INTERVAL) {
            throw new Failure(Failure.Kind.NO_SPACE, "there is not enough space for its contents: more than " + data + " bytes");
        }
    }

    /** Throws Failure INVALID_IMAGE if {@code length} exceeds {@link #MAX_SIZE}. */
    public static void requireMaxSize(long length) {
        if (length > MAX_SIZE) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "its contents exceed 2 TiB, so it is not an image of a card; nothing was kept");
        }
    }
}
