package org.example.piimages.daemon.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * What statx(2) says of an open file.
 *
 * @param mode type and permission bits; inode(7)
 * @param links how many names it has; 0 for a file that was removed or never had one
 * @param uid the owner
 * @param gid its group
 * @param size length in bytes
 * @param deviceMajor the device the file lives on
 * @param inode its number there; with the device it is the file's identity, whatever names lead to it
 * @param special the number of the device that a block or character device file stands for, as {@code MAJOR:MINOR}; 0:0 for others
 * @param mountId the mount the descriptor was opened through, as in the first field of /proc/self/mountinfo
 */
public record FileStatus(int mode, int links, int uid, int gid, long size, int deviceMajor, int deviceMinor, long inode,
        String special, long mountId) {

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_MNT_ID = 0x1000;
    private static final int FORMAT_MASK = 0xf000;
    private static final int REGULAR = 0x8000;
    private static final int DIRECTORY = 0x4000;
    private static final int BLOCK_DEVICE = 0x6000;

    /** Asks the kernel. The descriptor may be an O_PATH one. */
    public static FileStatus of(Fd fd) throws ErrnoException {
        byte[] bytes = new byte[256];
        Libc.call("statx", fd.number(), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, bytes);
        ByteBuffer statx = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return new FileStatus(statx.getShort(28) & 0xffff, statx.getInt(16), statx.getInt(20), statx.getInt(24), statx.getLong(40),
                statx.getInt(136), statx.getInt(140), statx.getLong(32), statx.getInt(128) + ":" + statx.getInt(132), statx.getLong(144));
    }

    /** The file's identity by whatever name it was reached, fit for an object path and a file name: {@code MAJOR_MINOR_INODE}. */
    public String identity() {
        return deviceMajor + "_" + deviceMinor + "_" + Long.toUnsignedString(inode);
    }

    public boolean isRegularFile() {
        return (mode & FORMAT_MASK) == REGULAR;
    }

    public boolean isDirectory() {
        return (mode & FORMAT_MASK) == DIRECTORY;
    }

    public boolean isBlockDevice() {
        return (mode & FORMAT_MASK) == BLOCK_DEVICE;
    }

    /** Whether anybody may execute it. */
    public boolean isExecutable() {
        return (mode & 0111) != 0;
    }

    /** What kind of file it is, for messages. */
    public String kind() {
        return switch (mode & FORMAT_MASK) {
            case REGULAR -> "a regular file";
            case DIRECTORY -> "a directory";
            case 0x1000 -> "a FIFO";
            case 0x2000 -> "a character device";
            case BLOCK_DEVICE -> "a block device";
            case 0xc000 -> "a socket";
            default -> "a special file";
        };
    }
}
