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
 * A disk that is open exclusively, and bypassing the page cache: data is read from the disk itself, and written data is on the disk.
 * Offsets and lengths must be multiples of its sector size.
 */
public final class RawDevice implements Closeable {

    /** The maximum number of bytes that are read or written at once. */
    public static final int MAX_LENGTH = 4 << 20;

    /** Since Linux 5.15. */
    private static final long BLKGETDISKSEQ = 0x80081280L;
    private static final int FALLOC_FL_KEEP_SIZE = 1;
    private static final int FALLOC_FL_PUNCH_HOLE = 2;
    private static final int FALLOC_FL_ZERO_RANGE = 16;
    /** The alignment of the buffer: O_DIRECT never requires more than a page. */
    private static final int PAGE = 4096;

    private final OpenFile file;
    private final ByteBuffer buffer;
    private final long sequence;

    private RawDevice(OpenFile file, ByteBuffer buffer) {
        this.file = file;
        this.buffer = buffer;
        this.sequence = sequence(file);
    }

    /** The sequence number of the medium: another medium in the same drive has another number. 0 if the kernel does not support it. */
    private static long sequence(OpenFile file) {
        ByteBuffer sequence = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        try {
            Libc.call("ioctl", file.fd().number(), BLKGETDISKSEQ, sequence);
            return sequence.getLong(0);
        } catch (ErrnoException e) {
            return 0;
        }
    }

    /** Takes ownership of the file, which is closed if there is no memory for the buffer. */
    static RawDevice of(OpenFile file) {
        try {
            return new RawDevice(file, ByteBuffer.allocateDirect(MAX_LENGTH + PAGE).alignedSlice(PAGE));
        } catch (OutOfMemoryError e) {
            file.close();
            throw e;
        }
    }

    /** The length in bytes. */
    public long size() throws IOException {
        return file.length();
    }

    /** Whether the disk or its medium has been removed or exchanged since it was opened. Makes the kernel check for that. */
    public boolean isRemoved() {
        try {
            Lookup.reopen(file.fd(), OpenFlags.O_RDONLY).close();
            return size() == 0 || sequence(file) != sequence;
        } catch (ErrnoException e) {
            return e.errno() == Errno.ENXIO || e.errno() == Errno.ENODEV || e.errno() == Errno.ENOMEDIUM;
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes bytes; at most {@link #MAX_LENGTH}. */
    public void write(long offset, byte[] bytes) throws IOException {
        buffer.clear().put(bytes);
        int done = 0;
        while (done < bytes.length) {
            done += (int) Libc.callLong("pwrite", file.fd().number(), buffer.position(done).slice(), bytes.length - done, offset + done);
        }
    }

    /**
     * Whether {@link #read} failed because the medium is unreadable at that position, but may be readable elsewhere: the errors of block
     * devices (blk_errors in block/blk-core.c) that mean so, or that are unspecific.
     */
    public static boolean isMediumError(ErrnoException error) {
        return switch (error.errno()) {
            case Errno.EIO, Errno.ENODATA, Errno.EILSEQ, Errno.EREMOTEIO, Errno.ETIMEDOUT -> true;
            default -> false;
        };
    }

    /** Fills an array of at most {@link #MAX_LENGTH} bytes from the offset. Throws EOFException if the disk ends before. */
    public void read(long offset, byte[] bytes) throws IOException {
        int done = 0;
        while (done < bytes.length) {
            ByteBuffer rest = buffer.clear().position(done).slice();
            int count = (int) Libc.callLong("pread", file.fd().number(), rest, bytes.length - done, offset + done);
            if (count == 0) {
                throw new EOFException("it ends at byte " + (offset + done));
            }
            done += count;
        }
        buffer.clear().get(bytes);
    }

    /**
     * Attaches a read-only loop device to a range of the disk; the caller closes it.
     *
     * @param label the name of the device
     */
    public LoopDevice attach(long offset, long length, String label) throws IOException {
        return LoopDevice.attach(file, offset, length, true, label);
    }

    /** Zeroes a range, by the disk's own means if it has them, otherwise by writing; fallocate(2). */
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

    /** Waits until all written data is on the medium, as far as the disk reports it. */
    public void sync() throws IOException {
        file.sync();
    }

    /**
     * Makes the kernel reread the partition table. No effect on a device that cannot have partitions, while one of them is open, or on a
     * disk that has been removed meanwhile; udev requests it again when the device is closed.
     */
    public void rereadPartitions() throws IOException {
        try {
            file.rereadPartitions();
        } catch (ErrnoException e) {
            if (!isRemoved()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
