package org.example.piimages.daemon.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/**
 * A copy of a file that has no name, so that nothing of it is left when its last user lets go. It belongs to the user it was made for, and
 * counts against their quota.
 *
 * <p>On btrfs, xfs and others that share blocks it costs nothing until it is written to. Elsewhere it costs what the file has in data: the
 * time to read and write that much, and the space. Holes stay holes.
 */
public final class PrivateCopy {

    private static final long FICLONE = 0x40049409L;
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;
    private static final long PIECE = 64L << 20;
    /** Where the folder of the file itself will not do: on disk, unlike /tmp. */
    private static final Path FALLBACK = Path.of("/var/tmp");

    private final OpenFile from;
    private final OpenFile to;

    private PrivateCopy(OpenFile from, OpenFile to) {
        this.from = from;
        this.to = to;
    }

    /**
     * Copies a whole file.
     *
     * @param beside a folder on the same filesystem, where blocks can be shared; it is used when the user may write there
     * @throws Failure NO_SPACE when there is none for it
     */
    public static OpenFile of(OpenFile from, Path beside, int uid, int[] groups) throws IOException {
        OpenFile to = create(beside, uid, groups);
        try {
            new PrivateCopy(from, to).copy();
            return new OpenFile(to.fd(), true);
        } catch (ErrnoException e) {
            to.close();
            if (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT) {
                throw new Failure(Failure.Kind.NO_SPACE, "no space for a copy of the image beside it: " + e.reason()
                        + "; it takes as much as the image holds in data", e);
            }
            throw e;
        } catch (IOException | RuntimeException e) {
            to.close();
            throw e;
        }
    }

    private static OpenFile create(Path beside, int uid, int[] groups) throws ErrnoException {
        ErrnoException first = null;
        for (Path folder : List.of(beside, FALLBACK)) {
            try {
                return CallerFiles.temporary(folder, uid, groups);
            } catch (ErrnoException e) {
                first = first == null ? e : first;
            }
        }
        throw first;
    }

    private void copy() throws IOException {
        long size = from.status().size();
        Libc.call("ftruncate", to.fd().number(), size);
        try {
            Libc.call("ioctl", to.fd().number(), FICLONE, (long) from.fd().number());
            return;
        } catch (ErrnoException e) {
            // This filesystem does not share blocks, or the copy is on another one.
        }
        long end = 0;
        while (end < size) {
            long start = seek(end, SEEK_DATA);
            if (start < 0) {
                return;
            }
            end = seek(start, SEEK_HOLE);
            copyData(start, end);
        }
    }

    /** The start of the next data or hole; -1 when there is no more data. */
    private long seek(long offset, int whence) throws ErrnoException {
        try {
            return Libc.callLong("lseek", from.fd().number(), offset, whence);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENXIO) {
                return -1;
            }
            throw e;
        }
    }

    private void copyData(long start, long end) throws IOException {
        long done = start;
        while (done < end) {
            byte[] source = offset(done);
            byte[] target = offset(done);
            long length = Math.min(PIECE, end - done);
            long copied = Libc.callLong("copy_file_range", from.fd().number(), source, to.fd().number(), target, length, 0);
            if (copied == 0) {
                throw new Failure(Failure.Kind.INVALID_IMAGE, "the image became shorter while it was copied");
            }
            done += copied;
        }
    }

    private static byte[] offset(long value) {
        return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(value).array();
    }
}
