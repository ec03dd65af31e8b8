package org.example.piimages.daemon.linux.file;

import java.io.Closeable;
import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/** Opens files by the names that callers give, with the callers' access rights; see {@link Lookup} and {@link CallerThread}. */
public final class CallerFiles {

    private static final int F_GETFL = 3;

    /** An operation that opens a file. */
    @FunctionalInterface
    private interface Opening<T extends Closeable> {
        T open() throws ErrnoException;
    }

    private CallerFiles() {
    }

    /**
     * Opens a path with the user's access rights, for reading and writing if permitted, otherwise for reading. Only a regular file is
     * actually opened: opening a FIFO would block, and opening a device can have side effects. For any other kind an O_PATH descriptor is
     * returned, for the caller to refuse.
     *
     * @param pid the user's process that gave the path, 0 if unknown
     * @throws ErrnoException as open(2) as this user
     * @throws Failure ACCESS_DENIED if that process is in another mount namespace, or if its mount namespace cannot be determined
     */
    public static OpenFile open(String path, Credentials credentials, long pid, boolean forReading) throws IOException {
        return withMountsOf(pid, credentials, () -> open(path, credentials, forReading));
    }

    /** Like {@link #open(String, Credentials, long, boolean)}, for a path whose process was checked when the call arrived. */
    public static OpenFile open(String path, Credentials credentials, boolean forReading) throws ErrnoException {
        return CallerThread.as(credentials, () -> openHere(path, forReading));
    }

    /**
     * Returns an O_PATH descriptor of a file or directory of any kind that the user can reach. Otherwise like
     * {@link #open(String, Credentials, long, boolean)}.
     */
    public static Fd find(String path, Credentials credentials, long pid) throws IOException {
        return withMountsOf(pid, credentials, () -> CallerThread.as(credentials, () -> Lookup.path(path, OpenFlags.O_PATH)));
    }

    private static <T extends Closeable> T withMountsOf(long pid, Credentials credentials, Opening<T> opening) throws IOException {
        try (CallerMounts mounts = CallerMounts.of(pid, credentials.uid())) {
            T opened = opening.open();
            boolean same = false;
            try {
                mounts.requireSame();
                same = true;
                return opened;
            } finally {
                if (!same) {
                    opened.close();
                }
            }
        }
    }

    /**
     * Opens the file of a descriptor that a client passed. The descriptor remains its owner's, and the open file description is not shared.
     *
     * @throws Failure ACCESS_DENIED for a descriptor that is not open for reading: its owner need not be allowed to read the file, as
     * anybody can have an O_PATH descriptor of it, and the daemon must not read it on the owner's behalf; INVALID_IMAGE if it is not a
     * regular file, or is a file of a kernel filesystem, which may show more when root opens it
     */
    public static OpenFile adopt(Fd fd) throws ErrnoException {
        int flags = Libc.call("fcntl", fd.number(), F_GETFL, 0);
        int mode = flags & OpenFlags.O_ACCMODE;
        if ((flags & OpenFlags.O_PATH) != 0 || mode != OpenFlags.O_RDWR && mode != OpenFlags.O_RDONLY) {
            throw new Failure(Failure.Kind.ACCESS_DENIED, "the descriptor is not open for reading");
        }
        FileStatus status = FileStatus.of(fd);
        if (!status.isRegularFile()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "is " + status.kind() + ", not an image file");
        }
        if (FilesystemType.isKernelInterface(fd)) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "is a kernel file, such as those in /proc, not an image file");
        }
        return new OpenFile(Lookup.reopen(fd, OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK | mode), mode == OpenFlags.O_RDWR);
    }

    private static OpenFile openHere(String path, boolean forReading) throws ErrnoException {
        OpenFile found = new OpenFile(Lookup.path(path, OpenFlags.O_PATH), false);
        if (!found.status().isRegularFile()) {
            return found;
        }
        try (found) {
            int safe = OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK;
            if (!forReading) {
                try {
                    return new OpenFile(Lookup.reopen(found.fd(), safe | OpenFlags.O_RDWR), true);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EACCES && e.errno() != Errno.EROFS && e.errno() != Errno.EPERM && e.errno() != Errno.ETXTBSY) {
                        throw e;
                    }
                }
            }
            return new OpenFile(Lookup.reopen(found.fd(), safe | OpenFlags.O_RDONLY), false);
        }
    }
}
