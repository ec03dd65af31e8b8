package org.example.piimages.daemon.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** How much a filesystem can still take; statvfs(3). */
final class FreeSpace {

    private FreeSpace() {
    }

    /** What users may have of it, in bytes. The descriptor may be an O_PATH one. */
    static long of(Fd fd) throws ErrnoException {
        byte[] bytes = new byte[112];
        Libc.call("statvfs", fd.procPath(), bytes);
        // struct statvfs on 64-bit Linux: f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, of eight bytes each.
        ByteBuffer statvfs = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return statvfs.getLong(8) * statvfs.getLong(32);
    }
}
