package org.example.piimages.daemon.linux;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * The folder that holds, or shall hold, a file of a user's, opened and changed with that user's rights alone.
 *
 * <p>A new file has no name until it is complete: whenever this process ends before, nothing is left of it. It gets its name in one step,
 * and takes the place of an old one in one step: at every instant there is the old file or the new one.
 */
public final class CallerFolder implements Closeable {

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int PATH_LIMIT = 4096;

    private final Fd folder;
    private final String path;
    private final String name;
    private final Credentials credentials;

    private CallerFolder(Fd folder, String path, String name, Credentials credentials) {
        this.folder = folder;
        this.path = path;
        this.name = name;
        this.credentials = credentials;
    }

    /**
     * The folder of a path.
     *
     * @param path absolute; its last part need not exist
     * @throws ErrnoException as open(2) of the folder as this user
     */
    public static CallerFolder of(String path, Credentials credentials) throws ErrnoException {
        int slash = path.lastIndexOf('/');
        String parent = slash == 0 ? "/" : path.substring(0, slash);
        Fd folder = CallerFiles.as(credentials.uid(), credentials.groups(), () -> new Fd(Libc.call("open", parent,
                OpenFlags.O_PATH | OpenFlags.O_CLOEXEC | OpenFlags.O_DIRECTORY)));
        return new CallerFolder(folder, parent, path.substring(slash + 1), credentials);
    }

    /** The folder in which an open file has its name now, links resolved; for {@link #replace}. */
    public static CallerFolder holding(OpenFile file, Credentials credentials) throws ErrnoException {
        byte[] target = new byte[PATH_LIMIT];
        int length = (int) Libc.callLong("readlink", file.fd().procPath(), target, target.length);
        return of(new String(target, 0, length, StandardCharsets.UTF_8), credentials);
    }

    /** Whether something of the name is there, be it a link that leads nowhere. */
    public boolean isTaken() throws ErrnoException {
        try {
            CallerFiles.as(credentials.uid(), credentials.groups(), this::nameNow).close();
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    private Fd nameNow() throws ErrnoException {
        return new Fd(Libc.call("openat", folder.number(), name, OpenFlags.O_PATH | OpenFlags.O_CLOEXEC | OpenFlags.O_NOFOLLOW));
    }

    /**
     * Makes a file without a name, open for reading and writing, which is the user's and which all may read; open(2), O_TMPFILE.
     *
     * @throws Failure ACCESS_DENIED when the user may not write to the folder; UNSUPPORTED when its filesystem has no such files;
     *     FAILED
     */
    public OpenFile create() {
        try {
            return CallerFiles.as(credentials.uid(), credentials.groups(), () -> new OpenFile(new Fd(Libc.call("open", folder.procPath(),
                    OpenFlags.O_TMPFILE | OpenFlags.O_RDWR | OpenFlags.O_CLOEXEC, 0644)), true));
        } catch (ErrnoException e) {
            throw switch (e.errno()) {
                case Errno.EACCES, Errno.EPERM, Errno.EROFS -> new Failure(Failure.Kind.ACCESS_DENIED,
                        "you may not write to its folder: " + e.reason(), e);
                case Errno.EOPNOTSUPP, Errno.EISDIR, Errno.EINVAL -> new Failure(Failure.Kind.UNSUPPORTED,
                        "its folder's filesystem cannot hold a file without a name, which a new one is at first; use another folder", e);
                default -> new Failure(Failure.Kind.FAILED, "cannot make a file in its folder: " + e.reason(), e);
            };
        }
    }

    /**
     * Gives the file the path's name; linkat(2).
     *
     * @throws Failure BUSY when the name is taken
     */
    public void link(OpenFile file) throws IOException {
        file.sync();
        try {
            CallerFiles.as(credentials.uid(), credentials.groups(), () -> linkAs(file, name));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EEXIST) {
                throw new Failure(Failure.Kind.BUSY, "a file of that name has been made meanwhile; nothing was overwritten", e);
            }
            throw e;
        }
        syncFolder();
    }

    /**
     * Lets the file take the place of another, with that one's owner and mode; rename(2).
     *
     * @param old what must have the name now
     * @throws Failure BUSY when something else has it; nothing has happened then
     */
    public void replace(OpenFile file, OpenFile old) throws IOException {
        FileStatus status = FileStatus.of(old.fd());
        Libc.call("fchown", file.fd().number(), status.uid(), status.gid());
        Libc.call("fchmod", file.fd().number(), status.mode() & 0777);
        file.sync();
        // A second name cannot take the place of another file: the file gets one of its own first, and brings it along.
        String draft = "." + name + ".piimages";
        DraftRecord record = new DraftRecord(path, draft, FileStatus.of(file.fd()).identity(), credentials);
        record.store();
        try (Undo rest = new Undo()) {
            rest.add("remove the record of " + draft, record::forget);
            CallerFiles.as(credentials.uid(), credentials.groups(), () -> rename(file, draft, status));
        }
        syncFolder();
    }

    /** Removes the files that were to take others' places when daemons before this one ended. */
    public static void sweep() throws IOException {
        DraftRecord.sweep();
    }

    private int rename(OpenFile file, String draft, FileStatus old) throws ErrnoException {
        requireSame(old);
        removeIfThere(draft);
        linkAs(file, draft);
        try (Undo undo = new Undo()) {
            undo.add("remove " + draft, () -> removeIfThere(draft));
            int renamed = Libc.call("renameat", folder.number(), draft, folder.number(), name);
            undo.commit();
            return renamed;
        }
    }

    private void requireSame(FileStatus expected) throws ErrnoException {
        try (Fd now = nameNow()) {
            if (!FileStatus.of(now).identity().equals(expected.identity())) {
                throw new Failure(Failure.Kind.BUSY, "another file has taken the image's name meanwhile; nothing was changed");
            }
        }
    }

    private void removeIfThere(String draft) throws ErrnoException {
        try {
            Libc.call("unlinkat", folder.number(), draft, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    private int linkAs(OpenFile file, String as) throws ErrnoException {
        return Libc.call("linkat", AT_FDCWD, file.fd().procPath(), folder.number(), as, AT_SYMLINK_FOLLOW);
    }

    /** The name is on the disk as well. */
    private void syncFolder() throws ErrnoException {
        try (Fd open = new Fd(Libc.call("open", folder.procPath(), OpenFlags.O_RDONLY | OpenFlags.O_CLOEXEC | OpenFlags.O_DIRECTORY))) {
            Libc.call("fsync", open.number());
        }
    }

    /** How many bytes its filesystem has left for users; statvfs(3). */
    public long freeBytes() throws ErrnoException {
        return FreeSpace.of(folder);
    }

    @Override
    public void close() {
        folder.close();
    }
}
