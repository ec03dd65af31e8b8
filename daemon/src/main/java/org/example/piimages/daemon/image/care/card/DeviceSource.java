package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;

/**
 * A disk as a source of bytes at any offset, for reading its tables. It reads aligned windows and keeps the last one. Reading throws
 * CancellationException if the job was cancelled.
 */
final class DeviceSource implements ByteSource {

    private static final int WINDOW = 64 * 1024;
    /** The size of the window if the larger one cannot be read, in bytes. */
    private static final int MIN_WINDOW = 4096;

    private final RawDevice device;
    private final long size;
    private final Progress progress;
    private byte[] window = new byte[0];
    private long start;

    DeviceSource(RawDevice device, Progress progress) throws IOException {
        this.device = device;
        this.size = device.size();
        this.progress = progress;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public void read(long offset, byte[] buffer) {
        if (offset > size - buffer.length) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the disk ends at byte " + size);
        }
        int done = 0;
        while (done < buffer.length) {
            long at = offset + done;
            if (at < start || at >= start + window.length) {
                load(at);
            }
            int count = (int) Math.min(buffer.length - done, start + window.length - at);
            System.arraycopy(window, (int) (at - start), buffer, done, count);
            done += count;
        }
    }

    private void load(long at) {
        progress.advance(0);
        try {
            load(at, WINDOW);
        } catch (IOException e) {
            loadSmall(at);
        }
    }

    private void loadSmall(long at) {
        try {
            load(at, MIN_WINDOW);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.FAILED, "it cannot be read: " + e.getMessage(), e);
        }
    }

    private void load(long at, int length) throws IOException {
        long from = at / length * length;
        byte[] bytes = new byte[(int) Math.min(length, size - from)];
        device.read(from, bytes);
        window = bytes;
        start = from;
    }
}
