package org.example.piimages.daemon.linux.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** The free space of a filesystem; statvfs(3). */
final class FreeSpace {

    /** The size of struct statvfs in 64-bit programs, and the offsets of its fields. */
    private static final int STATVFS_SIZE = 112;
    private static final int F_FRSIZE = 8;
    private static final int F_BAVAIL = 32;

    private FreeSpace() {
    }

    /** The space available to unprivileged users, in bytes. The descriptor may be an O_PATH one. */
    static long of(Fd fd) throws ErrnoException {
        byte[] bytes = new byte[STATVFS_SIZE];
        Libc.call("statvfs", fd.procPath(), bytes);
        ByteBuffer statvfs = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return statvfs.getLong(F_FRSIZE) * statvfs.getLong(F_BAVAIL);
    }
}
