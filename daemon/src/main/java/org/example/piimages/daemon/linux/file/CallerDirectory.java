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
 * The directory that contains, or is to contain, a file of a user's. It is opened and changed only with that user's access rights.
 *
 * <p>A new file has no name until it is complete: if this process ends before, nothing is left of it. On filesystems without such files
 * (NFS, FAT, most of FUSE), it has a hidden name and a record, by which the next daemon removes it. It gets its name, or replaces an old
 * file, in one step: at every instant there is either the old file or the new one.
 */
public final class CallerDirectory implements Closeable {

    private static final SecureRandom RANDOM = new SecureRandom();

    private final Fd directory;
    private final String path;
    private final String name;
    private final Credentials credentials;
    /** The files that have a hidden name, with their records. */
    private final Map<OpenFile, DraftRecord> drafts = new HashMap<>();

    /** The file to replace; null for a new file. */
    private final OpenFile old;

    private CallerDirectory(Fd directory, String path, String name, Credentials credentials, OpenFile old) {
        this.directory = directory;
        this.path = path;
        this.name = name;
        this.credentials = credentials;
        this.old = old;
    }

    /**
     * Opens the directory of a path.
     *
     * @param path absolute; its last component need not exist
     * @throws ErrnoException as open(2) of the directory as this user
     */
    public static CallerDirectory of(String path, Credentials credentials) throws ErrnoException {
        return of(path, credentials, null);
    }

    private static CallerDirectory of(String path, Credentials credentials, OpenFile old) throws ErrnoException {
        int slash = path.lastIndexOf('/');
        String parent = slash == 0 ? "/" : path.substring(0, slash);
        Fd directory = CallerThread.as(credentials, () -> Lookup.path(parent, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY));
        return new CallerDirectory(directory, parent, path.substring(slash + 1), credentials, old);
    }

    /**
     * Opens the directory that currently contains an open file, links resolved; for {@link #replace}. New files get the flags of that file.
     */
    public static CallerDirectory ofFile(OpenFile file, Credentials credentials) throws ErrnoException {
        return of(file.path(), credentials, file);
    }

    /** Whether the name exists, if only as a dangling link. */
    public boolean exists() throws ErrnoException {
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

    /** An entry of the directory, for use with the user's access rights only. */
    private DirectoryEntry entry(String of) {
        return new DirectoryEntry(directory, of);
    }

    /**
     * Creates a file for {@link #link} or {@link #replace}, open for reading and writing, which only its owner may access; open(2),
     * O_TMPFILE.
     *
     * @throws Failure ACCESS_DENIED if the user may not write to the directory; FAILED if the file cannot be created for another reason
     */
    public OpenFile create() throws IOException {
        OpenFile file = createPrivate();
        boolean complete = false;
        try {
            if (old != null) {
                FileAttributes.copyFlags(old.fd(), file.fd());
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
            return CallerThread.as(credentials, () -> new OpenFile(Lookup.unnamed(directory, DirectoryEntry.PRIVATE), true));
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case Errno.EOPNOTSUPP, Errno.EISDIR, Errno.EINVAL, Errno.ENOSYS -> createDraft();
                default -> throw cannotCreate(e);
            };
        }
    }

    /**
     * Creates a temporary file like {@link #create}, which never gets a name.
     *
     * @throws Failure as create
     */
    public OpenFile scratch() throws IOException {
        OpenFile file = create();
        try {
            removeDraft(file);
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private OpenFile createDraft() throws IOException {
        DraftRecord draft = draft(DraftRecord.ANY_IDENTITY);
        draft.store();
        try (Undo undo = new Undo()) {
            undo.add("remove the record of " + draft.name(), draft::delete);
            OpenFile file = CallerThread.as(credentials, () -> new OpenFile(entry(draft.name()).create(), true));
            drafts.put(file, draft);
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

    /** Returns a record with a random name that nobody can guess, and that is short enough for every filesystem. */
    private DraftRecord draft(String identity) {
        byte[] random = new byte[8];
        RANDOM.nextBytes(random);
        return new DraftRecord(path, ".piimages-" + HexFormat.of().formatHex(random), identity, credentials);
    }

    /** Removes the hidden name of a file, if it has one. */
    private void removeDraft(OpenFile file) throws IOException {
        DraftRecord draft = drafts.remove(file);
        if (draft != null) {
            CallerThread.as(credentials, () -> {
                entry(draft.name()).remove();
                return draft;
            });
            draft.delete();
        }
    }

    /**
     * Gives a file of {@link #create} the name of the path, and syncs both file and directory.
     *
     * @param mode its new permission bits
     * @throws Failure BUSY if the name is taken
     */
    public void link(OpenFile file, int mode) throws IOException {
        FileAttributes.setMode(file.fd(), mode);
        file.sync();
        DraftRecord draft = drafts.get(file);
        try {
            CallerThread.as(credentials, () -> draft == null
                    ? entry(name).link(file.fd().procPath()) : entry(name).renameWithoutReplacing(entry(draft.name())));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EEXIST) {
                throw new Failure(Failure.Kind.BUSY, "a file of that name was created in the meantime; nothing was overwritten", e);
            }
            throw e;
        }
        removeDraft(file);
        syncDirectory();
    }

    /** Removes the name of the path if a file got it by {@link #link} and still has it; another file of that name is not touched. */
    public void unlink(OpenFile file) throws IOException {
        String identity = FileStatus.of(file.fd()).identity();
        if (exists()) {
            CallerThread.as(credentials, () -> {
                try (Fd now = entry(name).find()) {
                    if (FileStatus.of(now).identity().equals(identity)) {
                        entry(name).remove();
                    }
                    return identity;
                }
            });
            syncDirectory();
        }
    }

    /**
     * Replaces the file that was passed to {@link #ofFile} by a file of {@link #create}, which gets its owner, mode and attributes;
     * rename(2).
     *
     * @throws Failure BUSY if another file has the name now, UNSUPPORTED if the filesystem cannot keep an attribute; nothing has changed
     * then
     */
    public void replace(OpenFile file) throws IOException {
        FileStatus status = FileStatus.of(old.fd());
        FileAttributes.copy(old.fd(), file.fd());
        file.sync();
        DraftRecord named = drafts.get(file);
        if (named != null) {
            CallerThread.as(credentials, () -> {
                requireSame(status);
                return entry(name).replace(entry(named.name()));
            });
            removeDraft(file);
        } else {
            replaceByUnnamed(file, status);
        }
        syncDirectory();
    }

    /**
     * Replaces the file by one without a name. linkat(2) cannot replace a file: the new one gets a temporary name first, which is then
     * renamed.
     */
    private void replaceByUnnamed(OpenFile file, FileStatus old) throws IOException {
        DraftRecord record = draft(FileStatus.of(file.fd()).identity());
        record.store();
        try (Undo cleanUp = new Undo()) {
            cleanUp.add("remove the record of " + record.name(), record::delete);
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

    /** Removes the drafts that previous daemons left. */
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

    /** Writes the directory to the disk, including the new name; fsync(2). */
    private void syncDirectory() throws ErrnoException {
        try (Fd open = Lookup.reopen(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY)) {
            Libc.call("fsync", open.number());
        }
    }

    /** The space that its filesystem has available for unprivileged users, in bytes; statvfs(3). */
    public long freeBytes() throws ErrnoException {
        return FreeSpace.of(directory);
    }

    /** Closes the directory, and removes the files that still have a hidden name. */
    @Override
    public void close() {
        try (Undo cleanUp = new Undo()) {
            drafts.keySet().forEach(file -> cleanUp.add("remove a file that was not completed", () -> removeDraft(file)));
        }
        directory.close();
    }
}
