package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.RawDevice;

/** A disk for those who look at its tables: any bytes of it, which are read with what is around them. Ends with the job. */
final class DeviceSource implements ByteSource {

    private static final int WINDOW = 64 * 1024;
    /** What is read where all of that cannot be. */
    private static final int LEAST = 4096;

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
                look(at);
            }
            int count = (int) Math.min(buffer.length - done, start + window.length - at);
            System.arraycopy(window, (int) (at - start), buffer, done, count);
            done += count;
        }
    }

    private void look(long at) {
        progress.advance(0);
        try {
            look(at, WINDOW);
        } catch (IOException e) {
            lookAround(at);
        }
    }

    private void lookAround(long at) {
        try {
            look(at, LEAST);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.FAILED, "it cannot be read: " + e.getMessage(), e);
        }
    }

    private void look(long at, int length) throws IOException {
        long from = at / length * length;
        byte[] bytes = new byte[(int) Math.min(length, size - from)];
        device.read(from, bytes);
        window = bytes;
        start = from;
    }
}
