package org.example.piimages.daemon.linux;

import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** A file in memory without a name, for a tool to read what is never to be on a disk; memfd_create(2). It is gone with its last user. */
public final class MemoryFile {

    private static final int MFD_CLOEXEC = 1;

    private MemoryFile() {
    }

    /** Makes an empty one. Whoever has a descriptor may read it. */
    public static OpenFile create() throws ErrnoException {
        return new OpenFile(new Fd(Libc.call("memfd_create", "piimages", MFD_CLOEXEC)), true);
    }
}
