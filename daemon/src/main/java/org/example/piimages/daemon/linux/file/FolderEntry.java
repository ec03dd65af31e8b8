package org.example.piimages.daemon.linux.file;

import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A name in an open folder; links are not followed. All operations use the access rights of the thread.
 *
 * @param folder an O_PATH descriptor
 * @param name without a slash
 */
record FolderEntry(Fd folder, String name) {

    /** The initial mode of a file: only the owner may access it until its final mode is set. */
    static final int PRIVATE = 0600;

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int RENAME_NOREPLACE = 1;

    /** Returns an O_PATH descriptor of the file. Throws ErrnoException ENOENT if there is none. */
    Fd find() throws ErrnoException {
        return Lookup.entry(folder, name, OpenFlags.O_PATH, 0);
    }

    /** Creates a file that only its owner may access, open for reading and writing. Throws ErrnoException EEXIST if the name is taken. */
    Fd make() throws ErrnoException {
        return Lookup.entry(folder, name, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, PRIVATE);
    }

    /** Gives this name to a file without a name; linkat(2). Throws ErrnoException EEXIST if the name is taken. */
    int link(String procPath) throws ErrnoException {
        return Libc.call("linkat", AT_FDCWD, procPath, folder.number(), name, AT_SYMLINK_FOLLOW);
    }

    /** Renames another entry of the same folder to this name, replacing the file that has it; rename(2). */
    int replace(FolderEntry draft) throws ErrnoException {
        return Libc.call("renameat", folder.number(), draft.name, folder.number(), name);
    }

    /**
     * Renames another entry of the same folder to this name, which must be free, by the first of three means that the filesystem supports.
     * The second one leaves the old name as well, for the caller to remove.
     *
     * @throws ErrnoException EEXIST if the name is taken
     */
    int take(FolderEntry draft) throws ErrnoException {
        try {
            return Libc.call("renameat2", folder.number(), draft.name, folder.number(), name, RENAME_NOREPLACE);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOSYS && e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
        try {
            return Libc.call("linkat", folder.number(), draft.name, folder.number(), name, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPERM && e.errno() != Errno.ENOSYS && e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
        return replaceNothing(draft);
    }

    /** Creates an empty file first, so that a file that is created meanwhile is not overwritten. */
    private int replaceNothing(FolderEntry draft) throws ErrnoException {
        make().close();
        try (Undo undo = new Undo()) {
            undo.add("remove the empty " + name, this::remove);
            int renamed = replace(draft);
            undo.commit();
            return renamed;
        }
    }

    /** Removes the name; no error if it does not exist. */
    void remove() throws ErrnoException {
        try {
            Libc.call("unlinkat", folder.number(), name, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
