package org.example.piimages.daemon.linux.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/** Copies between open files on a user's account, by the cheapest means that their filesystems support; holes remain holes. */
public final class FileCopy {

    /** Receives the number of bytes that have been copied, or skipped as a hole; may throw to stop the copy. */
    @FunctionalInterface
    public interface Meter {
        void advance(long bytes);
    }

    private static final long FICLONERANGE = 0x4020940DL;
    private static final int FILE_CLONE_RANGE_SIZE = 32;
    private static final int PIECE = 4 << 20;

    private final OpenFile from;
    private final OpenFile to;
    private final Credentials writer;
    private ByteBuffer buffer;
    private boolean copiesInKernel = true;

    /** A copy whose space counts against the writer's quota, see {@link UserWrite}. */
    public FileCopy(OpenFile from, OpenFile to, Credentials writer) {
        this.from = from;
        this.to = to;
        this.writer = writer;
    }

    /**
     * Copies a range. The target must have a hole there, and is extended to the end of the range if necessary.
     *
     * @param length in bytes; the source must have that many from {@code source} on
     */
    public void range(long source, long target, long length, Meter meter) throws IOException {
        UserWrite.as(writer, () -> range(source, target, length, meter, false));
    }

    /**
     * Overwrites a range of the target with the whole source. The target must already extend to the end of the range.
     *
     * @param length the length of the source in bytes
     */
    public void overwrite(long target, long length, Meter meter) throws IOException {
        UserWrite.as(writer, () -> range(0, target, length, meter, true));
    }

    private void range(long source, long target, long length, Meter meter, boolean over) throws IOException {
        if (to.length() < target + length) {
            to.truncate(target + length);
        }
        if (length == 0 || share(source, target, length)) {
            meter.advance(length);
            return;
        }
        long at = source;
        while (at < source + length) {
            long data = from.nextData(at);
            long start = data < 0 ? source + length : Math.min(data, source + length);
            if (over) {
                zero(target + (at - source), target + (start - source));
            }
            meter.advance(start - at);
            at = start;
            if (at < source + length) {
                long end = Math.min(from.nextHole(at), source + length);
                data(at, target + (at - source), end - at, meter);
                at = end;
            }
        }
    }

    /** Zeroes a range of the target for which the source has a hole. Holes of the target already read as zeros. */
    private void zero(long start, long end) throws IOException {
        long at = to.nextData(start);
        while (at >= 0 && at < end) {
            long stop = Math.min(to.nextHole(at), end);
            for (; at < stop; at += PIECE) {
                to.write(at, new byte[(int) Math.min(PIECE, stop - at)]);
            }
            at = to.nextData(stop);
        }
    }

    /** Makes both files share the same blocks; ioctl_ficlonerange(2). Returns false if the filesystem cannot, or not at these offsets. */
    private boolean share(long source, long target, long length) throws IOException {
        ByteBuffer range = ByteBuffer.allocate(FILE_CLONE_RANGE_SIZE).order(ByteOrder.nativeOrder());
        range.putLong(from.fd().number()).putLong(source).putLong(length).putLong(target);
        try {
            Libc.call("ioctl", to.fd().number(), FICLONERANGE, range.array());
            return true;
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case Errno.EOPNOTSUPP, Errno.EINVAL, Errno.EXDEV, Errno.ENOTTY -> false;
                default -> throw e;
            };
        }
    }

    private void data(long source, long target, long length, Meter meter) throws IOException {
        long done = 0;
        while (done < length) {
            int requested = (int) Math.min(PIECE, length - done);
            long count = copiesInKernel ? inKernel(source + done, target + done, requested) : -1;
            if (count < 0) {
                count = throughMemory(source + done, target + done, requested);
            }
            if (count == 0) {
                throw new EOFException("the file was truncated while it was copied");
            }
            done += count;
            meter.advance(count);
        }
    }

    /** Copies with copy_file_range(2); returns -1 if the kernel cannot do it between these files. */
    private long inKernel(long source, long target, int length) throws IOException {
        byte[] sourceOffset = offset(source);
        byte[] targetOffset = offset(target);
        try {
            return Libc.callLong("copy_file_range", from.fd().number(), sourceOffset, to.fd().number(), targetOffset, length, 0);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EXDEV || e.errno() == Errno.EINVAL || e.errno() == Errno.ENOSYS || e.errno() == Errno.EOPNOTSUPP) {
                copiesInKernel = false;
                return -1;
            }
            throw e;
        }
    }

    private static byte[] offset(long value) {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(value).array();
    }

    private long throughMemory(long source, long target, int length) throws IOException {
        if (buffer == null) {
            buffer = ByteBuffer.allocateDirect(PIECE);
        }
        int count = (int) Libc.callLong("pread", from.fd().number(), buffer, length, source);
        int written = 0;
        while (written < count) {
            ByteBuffer rest = buffer.position(written).slice();
            written += (int) Libc.callLong("pwrite", to.fd().number(), rest, count - written, target + written);
        }
        buffer.clear();
        return count;
    }
}
