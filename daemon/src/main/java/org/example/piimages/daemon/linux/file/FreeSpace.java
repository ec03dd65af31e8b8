package org.example.piimages.daemon.linux.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** How much a filesystem can still take; statvfs(3). */
final class FreeSpace {

    /** The size of struct statvfs of 64-bit programs, and where its fields are. */
    private static final int STATVFS_SIZE = 112;
    private static final int F_FRSIZE = 8;
    private static final int F_BAVAIL = 32;

    private FreeSpace() {
    }

    /** What users may have of it, in bytes. The descriptor may be an O_PATH one. */
    static long of(Fd fd) throws ErrnoException {
        byte[] bytes = new byte[STATVFS_SIZE];
        Libc.call("statvfs", fd.procPath(), bytes);
        ByteBuffer statvfs = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return statvfs.getLong(F_FRSIZE) * statvfs.getLong(F_BAVAIL);
    }
}
