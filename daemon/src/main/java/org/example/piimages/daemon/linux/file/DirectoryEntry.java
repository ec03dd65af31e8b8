package org.example.piimages.daemon.linux.file;

import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A name in an open directory; links are not followed. All operations use the access rights of the thread.
 *
 * @param directory an O_PATH descriptor
 * @param name without a slash
 */
record DirectoryEntry(Fd directory, String name) {

    /** The initial mode of a file: only the owner may access it until its final mode is set. */
    static final int PRIVATE = 0600;

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int RENAME_NOREPLACE = 1;

    /** Returns an O_PATH descriptor of the file. Throws ErrnoException ENOENT if there is none. */
    Fd find() throws ErrnoException {
        return Lookup.entry(directory, name, OpenFlags.O_PATH, 0);
    }

    /** Creates a file that only its owner may access, open for reading and writing. Throws ErrnoException EEXIST if the name is taken. */
    Fd create() throws ErrnoException {
        return Lookup.entry(directory, name, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, PRIVATE);
    }

    /** Gives this name to a file without a name; linkat(2). Throws ErrnoException EEXIST if the name is taken. */
    int link(String procPath) throws ErrnoException {
        return Libc.call("linkat", AT_FDCWD, procPath, directory.number(), name, AT_SYMLINK_FOLLOW);
    }

    /** Renames another entry of the same directory to this name, replacing the file that has it; rename(2). */
    int replace(DirectoryEntry draft) throws ErrnoException {
        return Libc.call("renameat", directory.number(), draft.name, directory.number(), name);
    }

    /**
     * Renames another entry of the same directory to this name, which must be free, by the first of three means that the filesystem
     * supports. The second one leaves the old name as well, for the caller to remove.
     *
     * @throws ErrnoException EEXIST if the name is taken
     */
    int renameWithoutReplacing(DirectoryEntry draft) throws ErrnoException {
        try {
            return Libc.call("renameat2", directory.number(), draft.name, directory.number(), name, RENAME_NOREPLACE);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOSYS && e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
        try {
            return Libc.call("linkat", directory.number(), draft.name, directory.number(), name, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EPERM && e.errno() != Errno.ENOSYS && e.errno() != Errno.EOPNOTSUPP) {
                throw e;
            }
        }
        return createAndReplace(draft);
    }

    /** Creates an empty file first, so that a file that is created meanwhile is not overwritten. */
    private int createAndReplace(DirectoryEntry draft) throws ErrnoException {
        create().close();
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
            Libc.call("unlinkat", directory.number(), name, 0);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
