package org.example.piimages.daemon.linux.file;

import java.io.Closeable;
import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/** Opens files that others name, with their rights; see {@link Lookup} and {@link CallerThread}. */
public final class CallerFiles {

    private static final int F_GETFL = 3;

    /** A lookup. */
    @FunctionalInterface
    private interface Opening<T extends Closeable> {
        T open() throws ErrnoException;
    }

    private CallerFiles() {
    }

    /**
     * Opens a path as the user would, for reading and writing where they may, else for reading. Only a regular file is ever opened: a FIFO
     * would block and opening a device can have effects. Another kind is returned as an O_PATH descriptor, for the caller to refuse.
     *
     * @param pid the user's process that named it, 0 where it is not known
     * @throws ErrnoException as open(2) as this user
     * @throws Failure ACCESS_DENIED when that process sees other mounts, or when it cannot be told which it sees
     */
    public static OpenFile open(String path, Credentials who, long pid, boolean forReading) throws IOException {
        return seenBy(pid, who, () -> open(path, who, forReading));
    }

    /** The same, of a path whose process was asked about when the call came. */
    public static OpenFile open(String path, Credentials who, boolean forReading) throws ErrnoException {
        return CallerThread.as(who, () -> openHere(path, forReading));
    }

    /** An O_PATH descriptor on a file or folder of whatever kind, if the user can get there. Otherwise as {@link #open}. */
    public static Fd find(String path, Credentials who, long pid) throws IOException {
        return seenBy(pid, who, () -> CallerThread.as(who, () -> Lookup.path(path, OpenFlags.O_PATH)));
    }

    private static <T extends Closeable> T seenBy(long pid, Credentials who, Opening<T> opening) throws IOException {
        try (CallerMounts mounts = CallerMounts.of(pid, who.uid())) {
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
     * Opens the file of a descriptor that a client passed, which stays whoever's it is. The open file description is not shared.
     *
     * @throws Failure ACCESS_DENIED for one that cannot be read: whoever has it need not be allowed to read the file, as anybody can have
     *     an O_PATH descriptor of it, and the daemon, which could, must not do it for them; INVALID_IMAGE when it is no regular file, or
     *     an interface of the kernel's, which may let a reader see more when root opens it
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
        if (FilesystemType.isKernelsOwn(fd)) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "is a kernel file, such as those in /proc, not an image file");
        }
        return new OpenFile(Lookup.again(fd, OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK | mode), mode == OpenFlags.O_RDWR);
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
                    return new OpenFile(Lookup.again(found.fd(), safe | OpenFlags.O_RDWR), true);
                } catch (ErrnoException e) {
                    if (e.errno() != Errno.EACCES && e.errno() != Errno.EROFS && e.errno() != Errno.EPERM && e.errno() != Errno.ETXTBSY) {
                        throw e;
                    }
                }
            }
            return new OpenFile(Lookup.again(found.fd(), safe | OpenFlags.O_RDONLY), false);
        }
    }
}
