package org.example.piimages.daemon.linux.file;

import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A name in an open folder, which no link is followed from. What is done goes by the rights of the thread.
 *
 * @param folder an O_PATH descriptor
 * @param name without a slash
 */
record FolderEntry(Fd folder, String name) {

    /** What the owner alone may do, until it is known who else may. */
    static final int PRIVATE = 0600;

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_FOLLOW = 0x400;
    private static final int RENAME_NOREPLACE = 1;

    /** An O_PATH descriptor on what has the name. Throws ErrnoException ENOENT when nothing has. */
    Fd find() throws ErrnoException {
        return Lookup.entry(folder, name, OpenFlags.O_PATH, 0);
    }

    /** Makes a file, open for reading and writing, for its owner alone. Throws ErrnoException EEXIST when the name is taken. */
    Fd make() throws ErrnoException {
        return Lookup.entry(folder, name, OpenFlags.O_RDWR | OpenFlags.O_CREAT | OpenFlags.O_EXCL, PRIVATE);
    }

    /** Gives a file without a name this one; linkat(2). Throws ErrnoException EEXIST when the name is taken. */
    int link(String procPath) throws ErrnoException {
        return Libc.call("linkat", AT_FDCWD, procPath, folder.number(), name, AT_SYMLINK_FOLLOW);
    }

    /** Lets what has a name in the same folder have this one instead, in the place of what has it; rename(2). */
    int replace(FolderEntry draft) throws ErrnoException {
        return Libc.call("renameat", folder.number(), draft.name, folder.number(), name);
    }

    /**
     * The same where nothing has this name, by the first of three ways that the filesystem has. A second name, where it comes to that, is
     * left to be removed.
     *
     * @throws ErrnoException EEXIST when the name is taken
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

    /** An empty file holds the name, so that a file which is made meanwhile is not overwritten. */
    private int replaceNothing(FolderEntry draft) throws ErrnoException {
        make().close();
        try (Undo undo = new Undo()) {
            undo.add("remove the empty " + name, this::remove);
            int renamed = replace(draft);
            undo.commit();
            return renamed;
        }
    }

    /** Takes the name away from what has it; one that nothing has is what was wanted. */
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
