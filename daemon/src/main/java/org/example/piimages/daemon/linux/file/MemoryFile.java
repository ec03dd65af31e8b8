package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * A file in memory without a name, by which a tool reads data that must never reach a disk; memfd_create(2). It disappears when it is
 * closed for the last time.
 */
public final class MemoryFile {

    private static final int MFD_CLOEXEC = 1;
    private static final int OWNER_ONLY = 0600;

    private MemoryFile() {
    }

    /** Creates an empty file that only its owner can open again. */
    public static OpenFile create(Credentials owner) throws IOException {
        Fd fd = new Fd(Libc.call("memfd_create", "piimages", MFD_CLOEXEC));
        try (Undo undo = new Undo()) {
            undo.add("close it", fd::close);
            Libc.call("fchmod", fd.number(), OWNER_ONLY);
            Libc.call("fchown", fd.number(), owner.uid(), owner.groups()[0]);
            undo.commit();
            return new OpenFile(fd, true);
        }
    }
}
