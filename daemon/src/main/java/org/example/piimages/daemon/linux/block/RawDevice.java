package org.example.piimages.daemon.linux.block;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A disk that is open for us alone and past the kernel's cache: what is read comes from the disk, and what was written is with it. Offsets
 * and lengths are multiples of its sectors.
 */
public final class RawDevice implements Closeable {

    /** How much is read or written at once, in bytes. */
    public static final int PIECE = 4 << 20;

    /** Since Linux 5.15. */
    private static final long BLKGETDISKSEQ = 0x80081280L;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 16;
    /** What O_DIRECT asks of memory is never more than a page. */
    private static final int PAGE = 4096;

    private final OpenFile file;
    private final ByteBuffer buffer;
    private final long sequence;

    private RawDevice(OpenFile file, ByteBuffer buffer) {
        this.file = file;
        this.buffer = buffer;
        this.sequence = sequence(file);
    }

    /** A number that another medium in the same place does not have; 0 where the kernel has none. */
    private static long sequence(OpenFile file) {
        ByteBuffer sequence = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        try {
            Libc.call("ioctl", file.fd().number(), BLKGETDISKSEQ, sequence);
            return sequence.getLong(0);
        } catch (ErrnoException e) {
            return 0;
        }
    }

    /** Takes over the file; it is closed when there is no memory to work with. */
    static RawDevice of(OpenFile file) {
        try {
            return new RawDevice(file, ByteBuffer.allocateDirect(PIECE + PAGE).alignedSlice(PAGE));
        } catch (OutOfMemoryError e) {
            file.close();
            throw e;
        }
    }

    /** Its length in bytes. */
    public long size() throws IOException {
        return file.length();
    }

    /** Whether it is no longer what was opened, because the disk or its medium was taken out, or exchanged. Lets the kernel look. */
    public boolean isGone() {
        try {
            Lookup.again(file.fd(), OpenFlags.O_RDONLY).close();
            return size() == 0 || sequence(file) != sequence;
        } catch (ErrnoException e) {
            return e.errno() == Errno.ENXIO || e.errno() == Errno.ENODEV || e.errno() == Errno.ENOMEDIUM;
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes bytes; at most {@link #PIECE}. */
    public void write(long offset, byte[] bytes) throws IOException {
        buffer.clear().put(bytes);
        int done = 0;
        while (done < bytes.length) {
            done += (int) Libc.callLong("pwrite", file.fd().number(), buffer.position(done).slice(), bytes.length - done, offset + done);
        }
    }

    /**
     * Whether {@link #read} failed because the medium cannot be read there, and may be elsewhere: the kernel's errors of block devices
     * (blk_errors in block/blk-core.c) that say so, or say nothing.
     */
    public static boolean isOfTheMedium(ErrnoException error) {
        return switch (error.errno()) {
            case Errno.EIO, Errno.ENODATA, Errno.EILSEQ, Errno.EREMOTEIO, Errno.ETIMEDOUT -> true;
            default -> false;
        };
    }

    /** Fills an array of at most {@link #PIECE} bytes. Throws EOFException where the disk ends before. */
    public void read(long offset, byte[] bytes) throws IOException {
        int done = 0;
        while (done < bytes.length) {
            ByteBuffer rest = buffer.clear().position(done).slice();
            int got = (int) Libc.callLong("pread", file.fd().number(), rest, bytes.length - done, offset + done);
            if (got == 0) {
                throw new EOFException("it ends at byte " + (offset + done));
            }
            done += got;
        }
        buffer.clear().get(bytes);
    }

    /**
     * Makes a loop device over a range of it, for reading; the caller's to close.
     *
     * @param label what it is to be called
     */
    public LoopDevice attach(long offset, long length, String label) throws IOException {
        return LoopDevice.attach(file, offset, length, true, label);
    }

    /** Makes a range read as zeros: by the disk's own means where it has them, else by writing; fallocate(2). */
    public void zero(long offset, long length) throws IOException {
        try {
            Libc.call("fallocate", file.fd().number(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
            Libc.call("fallocate", file.fd().number(), FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, length);
        }
    }

    /** Returns when all that was written is on the medium, as far as the disk tells. */
    public void sync() throws IOException {
        file.sync();
    }

    /**
     * Lets the kernel look at the partition table again. Without effect on a device that has no partitions, or while somebody looks at one;
     * udev asks for it again when the device is closed. Nor on one that was taken out meanwhile.
     */
    public void rereadPartitions() throws IOException {
        try {
            file.rereadPartitions();
        } catch (ErrnoException e) {
            if (!isGone()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
