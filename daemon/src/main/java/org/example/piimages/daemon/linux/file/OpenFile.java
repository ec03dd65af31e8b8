package org.example.piimages.daemon.linux.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/** An open file that is read at positions. All operations use the descriptor; the name is only for messages. */
public final class OpenFile implements Closeable {

    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int AT_FDCWD = -100;
    private static final int PATH_MAX = 4096;
    private static final int LOCK_ATTEMPTS = 50;
    private static final Duration LOCK_PAUSE = Duration.ofMillis(5);

    private static final long BLKGETSIZE64 = 0x80081272L;
    private static final long BLKRRPART = 0x125F;
    private static final int SYNC_FILE_RANGE_WRITE = 2;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    private final Fd fd;
    private final FileStatus status;
    private final boolean writable;

    /** Takes ownership of the descriptor, which is closed if its filesystem does not give its status. */
    public OpenFile(Fd fd, boolean writable) throws ErrnoException {
        this.fd = fd;
        this.writable = writable;
        FileStatus queried = null;
        try {
            queried = FileStatus.of(fd);
        } finally {
            if (queried == null) {
                fd.close();
            }
        }
        this.status = queried;
    }

    /** Opens a file of the host for reading. Empty if there is no regular file of that name. */
    public static Optional<OpenFile> ofHost(String path) throws ErrnoException {
        try {
            OpenFile file = new OpenFile(
                    Lookup.trusted(path, OpenFlags.O_RDONLY | OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK),
                    false);
            if (file.status().isRegularFile()) {
                return Optional.of(file);
            }
            file.close();
            return Optional.empty();
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public Fd fd() {
        return fd;
    }

    /** The status when the file was opened. */
    public FileStatus status() {
        return status;
    }

    /** The current path as the kernel has it, which may be any bytes; proc_pid_fd(5). Truncated if it is longer than PATH_MAX. */
    public byte[] pathBytes() throws ErrnoException {
        byte[] name = new byte[PATH_MAX];
        int length = (int) Libc.callLong("readlinkat", AT_FDCWD, fd.procPath(), name, name.length);
        return Arrays.copyOf(name, length);
    }

    /** Whether the descriptor is open for writing. */
    public boolean isWritable() {
        return writable;
    }

    /** Fills the buffer from the offset; pread(2). Throws EOFException if the file ends before. */
    public void read(long offset, byte[] buffer) throws IOException {
        int count = readUntilEnd(offset, buffer);
        if (count < buffer.length) {
            throw new EOFException("the file ends at byte " + (offset + count));
        }
    }

    /** Reads a regular file from its start, at most {@code limit} bytes of it. */
    public byte[] readStart(int limit) throws IOException {
        byte[] start = new byte[(int) Math.min(limit, length())];
        int count = readUntilEnd(0, start);
        return count == start.length ? start : Arrays.copyOf(start, count);
    }

    /** Fills the buffer up to the end of the file; returns the number of bytes read. */
    private int readUntilEnd(long offset, byte[] buffer) throws IOException {
        int done = 0;
        int count = -1;
        while (done < buffer.length && count != 0) {
            byte[] part = done == 0 ? buffer : new byte[buffer.length - done];
            count = (int) Libc.callLong("pread", fd.number(), part, part.length, offset + done);
            if (part != buffer) {
                System.arraycopy(part, 0, buffer, done, count);
            }
            done += count;
        }
        return done;
    }

    /**
     * Acquires the file's advisory lock, exclusive for writing, shared for reading; flock(2). The lock belongs to the open file
     * description: a loop device made from it holds it for as long as the device exists, and releases it shortly after the device is free.
     * Returns false if another holder keeps it for longer than that.
     */
    public boolean lock(boolean exclusive) throws IOException {
        boolean locked = tryLock(exclusive);
        for (int attempt = 0; attempt < LOCK_ATTEMPTS && !locked; attempt++) {
            LockSupport.parkNanos(LOCK_PAUSE.toNanos());
            locked = tryLock(exclusive);
        }
        return locked;
    }

    private boolean tryLock(boolean exclusive) throws IOException {
        try {
            Libc.call("flock", fd.number(), (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EAGAIN) {
                return false;
            }
            throw e;
        }
    }

    /** Writes all bytes at the offset; pwrite(2). */
    public void write(long offset, byte[] bytes) throws IOException {
        int done = 0;
        while (done < bytes.length) {
            byte[] part = done == 0 ? bytes : Arrays.copyOfRange(bytes, done, bytes.length);
            done += (int) Libc.callLong("pwrite", fd.number(), part, part.length, offset + done);
        }
    }

    /**
     * The current path of the file, links resolved; readlink(2) of proc(5).
     *
     * @throws Failure UNSUPPORTED if it is longer than the kernel's limit
     */
    public String path() throws ErrnoException {
        byte[] name = pathBytes();
        if (name.length == PATH_MAX) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "its path is longer than the kernel's limit of " + PATH_MAX + " bytes");
        }
        return new String(name, StandardCharsets.UTF_8);
    }

    /** Whether the last name of the file was removed since it was opened, so that nobody can find what is written to it. */
    public boolean isUnlinked() throws IOException {
        return status.links() > 0 && FileStatus.of(fd).links() == 0;
    }

    /** Sets the length of the file: it is extended by a hole, or cut off; ftruncate(2). */
    public void truncate(long length) throws IOException {
        Libc.call("ftruncate", fd.number(), length);
    }

    /** Waits until all written data is on the disk; fsync(2). */
    public void sync() throws IOException {
        Libc.call("fsync", fd.number());
    }

    /** Starts writing the written data to the disk, so that {@link #sync} has little to wait for; sync_file_range(2). */
    public void startWriteback() throws IOException {
        Libc.call("sync_file_range", fd.number(), 0L, 0L, SYNC_FILE_RANGE_WRITE);
    }

    /** A stream of the whole file from its beginning, to be read once and in order. */
    public InputStream stream() throws IOException {
        return Files.newInputStream(Path.of(fd.procPath()));
    }

    /** The current length in bytes; for a block device, the size of the device. */
    public long length() throws IOException {
        if (!status.isBlockDevice()) {
            return FileStatus.of(fd).size();
        }
        ByteBuffer size = ByteBuffer.allocateDirect(Long.BYTES).order(ByteOrder.nativeOrder());
        Libc.call("ioctl", fd.number(), BLKGETSIZE64, size);
        return size.getLong(0);
    }

    /**
     * Makes the kernel reread the partition table of a disk. No effect on a device that cannot have partitions, or while one of them is
     * open; udev requests it again when the device is closed.
     */
    public void rereadPartitions() throws IOException {
        try {
            Libc.call("ioctl", fd.number(), BLKRRPART, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOTTY && e.errno() != Errno.EBUSY) {
                throw e;
            }
        }
    }

    /** The space that its filesystem has available for unprivileged users, in bytes. */
    public long freeBytes() throws IOException {
        return FreeSpace.of(fd);
    }

    /** The position of the first byte at or after the offset that is not in a hole, or -1 if only a hole follows; lseek(2), SEEK_DATA. */
    public long nextData(long offset) throws IOException {
        try {
            return Libc.callLong("lseek", fd.number(), offset, SEEK_DATA);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENXIO) {
                return -1;
            }
            throw e;
        }
    }

    /**
     * The position of the first byte at or after the offset that is in a hole; the end of the file counts as one. The offset must be less
     * than the length of the file.
     */
    public long nextHole(long offset) throws IOException {
        return Libc.callLong("lseek", fd.number(), offset, SEEK_HOLE);
    }

    /** Opens the file again, with an open file description that is not shared with the process that passed the descriptor. */
    public OpenFile reopen() throws ErrnoException {
        int flags = OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK | (writable ? OpenFlags.O_RDWR : OpenFlags.O_RDONLY);
        return new OpenFile(Lookup.reopen(fd, flags), writable);
    }

    @Override
    public void close() {
        fd.close();
    }
}
