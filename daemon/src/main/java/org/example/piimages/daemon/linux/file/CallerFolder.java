package org.example.piimages.daemon.linux.file;

import java.io.Closeable;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * The folder that holds, or shall hold, a file of a user's, opened and changed with that user's rights alone.
 *
 * <p>A new file has no name until it is complete: whenever this process ends before, nothing is left of it. Where the filesystem has no
 * such files (NFS, FAT, most of FUSE), it has a hidden name and a record, by which the next daemon removes it. It gets its name in one
 * step, and takes the place of an old one in one step: at every instant there is the old file or the new one.
 */
public final class CallerFolder implements Closeable {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Fd folder;
    private final String path;
    private final String name;
    private final Credentials credentials;
    /** The files that have a hidden name. */
    private final Map<OpenFile, DraftRecord> hidden = new HashMap<>();

    /** What a file here is to replace; null where it is to be a new one. */
    private final OpenFile old;

    private CallerFolder(Fd folder, String path, String name, Credentials credentials, OpenFile old) {
        this.folder = folder;
        this.path = path;
        this.name = name;
        this.credentials = credentials;
        this.old = old;
    }

    /**
     * The folder of a path.
     *
     * @param path absolute; its last part need not exist
     * @throws ErrnoException as open(2) of the folder as this user
     */
    public static CallerFolder of(String path, Credentials credentials) throws ErrnoException {
        return of(path, credentials, null);
    }

    private static CallerFolder of(String path, Credentials credentials, OpenFile old) throws ErrnoException {
        int slash = path.lastIndexOf('/');
        String parent = slash == 0 ? "/" : path.substring(0, slash);
        Fd folder = CallerThread.as(credentials, () -> Lookup.path(parent, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY));
        return new CallerFolder(folder, parent, path.substring(slash + 1), credentials, old);
    }

    /** The folder in which an open file has its name now, links resolved; for {@link #replace}. New files get its flags. */
    public static CallerFolder holding(OpenFile file, Credentials credentials) throws ErrnoException {
        return of(file.path(), credentials, file);
    }

    /** Whether something of the name is there, be it a link that leads nowhere. */
    public boolean isTaken() throws ErrnoException {
        try {
            CallerThread.as(credentials, entry(name)::find).close();
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT) {
                return false;
            }
            throw e;
        }
    }

    /** To be used with the user's rights. */
    private FolderEntry entry(String of) {
        return new FolderEntry(folder, of);
    }

    /**
     * Makes a file for {@link #link} or {@link #replace}, open for reading and writing, which its owner alone may use; open(2), O_TMPFILE.
     *
     * @throws Failure ACCESS_DENIED when the user may not write to the folder; FAILED
     */
    public OpenFile create() throws IOException {
        OpenFile file = createPrivate();
        boolean complete = false;
        try {
            if (old != null) {
                FileAttributes.keepFlags(old.fd(), file.fd());
            }
            complete = true;
            return file;
        } finally {
            if (!complete) {
                file.close();
            }
        }
    }

    private OpenFile createPrivate() throws IOException {
        try {
            return CallerThread.as(credentials, () -> new OpenFile(Lookup.nameless(folder, FolderEntry.PRIVATE), true));
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case Errno.EOPNOTSUPP, Errno.EISDIR, Errno.EINVAL, Errno.ENOSYS -> createHidden();
                default -> throw cannotCreate(e);
            };
        }
    }

    /**
     * Makes a file that never gets a name, as {@link #create}: to work in.
     *
     * @throws Failure as create
     */
    public OpenFile scratch() throws IOException {
        OpenFile file = create();
        try {
            removeHidden(file);
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private OpenFile createHidden() throws IOException {
        DraftRecord draft = draft(DraftRecord.ANY);
        draft.store();
        try (Undo undo = new Undo()) {
            undo.add("remove the record of " + draft.name(), draft::forget);
            OpenFile file = CallerThread.as(credentials, () -> new OpenFile(entry(draft.name()).make(), true));
            hidden.put(file, draft);
            undo.commit();
            return file;
        } catch (ErrnoException e) {
            throw cannotCreate(e);
        }
    }

    private static Failure cannotCreate(ErrnoException e) {
        return switch (e.errno()) {
            case Errno.EACCES, Errno.EPERM, Errno.EROFS -> new Failure(Failure.Kind.ACCESS_DENIED,
                    "cannot write to its directory: " + e.reason(), e);
            default -> new Failure(Failure.Kind.FAILED, "cannot create a file in its directory: " + e.reason(), e);
        };
    }

    /** A name that nobody else thinks of, short enough for every filesystem, and its record. */
    private DraftRecord draft(String identity) {
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        return new DraftRecord(path, ".piimages-" + HexFormat.of().formatHex(random), identity, credentials);
    }

    /** Takes the hidden name of a file away, if it has one. */
    private void removeHidden(OpenFile file) throws IOException {
        DraftRecord draft = hidden.remove(file);
        if (draft != null) {
            CallerThread.as(credentials, () -> {
                entry(draft.name()).remove();
                return draft;
            });
            draft.forget();
        }
    }

    /**
     * Gives a file of {@link #create} the path's name.
     *
     * @param mode its permission bits from now on
     * @throws Failure BUSY when the name is taken
     */
    public void link(OpenFile file, int mode) throws IOException {
        FileAttributes.setMode(file.fd(), mode);
        file.sync();
        DraftRecord draft = hidden.get(file);
        try {
            CallerThread.as(credentials, () -> draft == null
                    ? entry(name).link(file.fd().procPath()) : entry(name).take(entry(draft.name())));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EEXIST) {
                throw new Failure(Failure.Kind.BUSY, "a file of that name was created in the meantime; nothing was overwritten", e);
            }
            throw e;
        }
        removeHidden(file);
        syncFolder();
    }

    /** Takes the path's name away from a file that got it by {@link #link}; what else has it keeps it. */
    public void unlink(OpenFile file) throws IOException {
        String identity = FileStatus.of(file.fd()).identity();
        if (isTaken()) {
            CallerThread.as(credentials, () -> {
                try (Fd now = entry(name).find()) {
                    if (FileStatus.of(now).identity().equals(identity)) {
                        entry(name).remove();
                    }
                    return identity;
                }
            });
            syncFolder();
        }
    }

    /**
     * Lets a file of {@link #create} take the place of the one that {@link #holding} was asked about, with that one's owner, mode and
     * attributes; rename(2).
     *
     * @throws Failure BUSY when something else has it, UNSUPPORTED when the filesystem cannot keep an attribute; nothing has happened then
     */
    public void replace(OpenFile file) throws IOException {
        FileStatus status = FileStatus.of(old.fd());
        FileAttributes.keep(old.fd(), file.fd());
        file.sync();
        DraftRecord named = hidden.get(file);
        if (named != null) {
            CallerThread.as(credentials, () -> {
                requireSame(status);
                return entry(name).replace(entry(named.name()));
            });
            removeHidden(file);
        } else {
            replaceByNameless(file, status);
        }
        syncFolder();
    }

    /** A second name cannot take the place of another file: the file gets one of its own first, and brings it along. */
    private void replaceByNameless(OpenFile file, FileStatus old) throws IOException {
        DraftRecord record = draft(FileStatus.of(file.fd()).identity());
        record.store();
        try (Undo rest = new Undo()) {
            rest.add("remove the record of " + record.name(), record::forget);
            CallerThread.as(credentials, () -> {
                requireSame(old);
                entry(record.name()).link(file.fd().procPath());
                try (Undo undo = new Undo()) {
                    undo.add("remove " + record.name(), entry(record.name())::remove);
                    int renamed = entry(name).replace(entry(record.name()));
                    undo.commit();
                    return renamed;
                }
            });
        }
    }

    /** Removes the files that were to take others' places when daemons before this one ended. */
    public static void sweep() throws IOException {
        DraftRecord.sweep();
    }

    private void requireSame(FileStatus expected) throws ErrnoException {
        try (Fd now = entry(name).find()) {
            if (!FileStatus.of(now).identity().equals(expected.identity())) {
                throw new Failure(Failure.Kind.BUSY, "the image was replaced by another file in the meantime; nothing was changed");
            }
        }
    }

    /** The name is on the disk as well. */
    private void syncFolder() throws ErrnoException {
        try (Fd open = Lookup.again(folder, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY)) {
            Libc.call("fsync", open.number());
        }
    }

    /** How many bytes its filesystem has left for users; statvfs(3). */
    public long freeBytes() throws ErrnoException {
        return FreeSpace.of(folder);
    }

    /** Also removes the files that have a hidden name still. */
    @Override
    public void close() {
        try (Undo rest = new Undo()) {
            hidden.keySet().forEach(file -> rest.add("remove a file that was not completed", () -> removeHidden(file)));
        }
        folder.close();
    }
}
