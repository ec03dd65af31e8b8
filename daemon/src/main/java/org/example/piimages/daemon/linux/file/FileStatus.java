package org.example.piimages.daemon.linux.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * The status of an open file as returned by statx(2).
 *
 * @param mode type and permission bits; inode(7)
 * @param links the number of names; 0 for a file that was removed or never had a name
 * @param uid the owner
 * @param gid the group
 * @param size length in bytes
 * @param deviceMajor the major number of the device that contains the file
 * @param deviceMinor the minor number of that device
 * @param inode the inode number on that device; both together identify the file, whatever its names
 * @param rdev the number of the device that a block or character device file stands for, as {@code MAJOR:MINOR}; 0:0 for others
 * @param ctime the time of the last change of content or attributes, in nanoseconds since 1970; no user can set it
 * @param mountId the mount through which the descriptor was opened, as in the first field of /proc/self/mountinfo
 */
public record FileStatus(int mode, int links, int uid, int gid, long size, int deviceMajor, int deviceMinor, long inode,
        String rdev, long ctime, long mountId) {

    /** The prefix of the identity of a block device. */
    public static final String DISK = "disk_";

    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int STATX_MNT_ID = 0x1000;
    private static final int S_IFMT = 0xf000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFDIR = 0x4000;
    private static final int S_IFBLK = 0x6000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFCHR = 0x2000;
    private static final int S_IFSOCK = 0xc000;
    private static final long NANOSECONDS = 1_000_000_000L;
    /** The size of struct statx, and the offsets of its fields. */
    private static final int STATX_SIZE = 256;
    private static final int STX_NLINK = 16;
    private static final int STX_UID = 20;
    private static final int STX_GID = 24;
    private static final int STX_MODE = 28;
    private static final int STX_INO = 32;
    private static final int STX_SIZE = 40;
    private static final int STX_CTIME = 96;
    private static final int STX_CTIME_NANOSECONDS = 104;
    private static final int STX_RDEV_MAJOR = 128;
    private static final int STX_RDEV_MINOR = 132;
    private static final int STX_DEV_MAJOR = 136;
    private static final int STX_DEV_MINOR = 140;
    private static final int STX_MNT_ID = 144;

    /** Returns the status of an open file. The descriptor may be an O_PATH one. */
    public static FileStatus of(Fd fd) throws ErrnoException {
        byte[] bytes = new byte[STATX_SIZE];
        Libc.call("statx", fd.number(), "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, bytes);
        ByteBuffer statx = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        return new FileStatus(statx.getShort(STX_MODE) & 0xffff, statx.getInt(STX_NLINK), statx.getInt(STX_UID), statx.getInt(STX_GID),
                statx.getLong(STX_SIZE), statx.getInt(STX_DEV_MAJOR), statx.getInt(STX_DEV_MINOR), statx.getLong(STX_INO),
                statx.getInt(STX_RDEV_MAJOR) + ":" + statx.getInt(STX_RDEV_MINOR),
                statx.getLong(STX_CTIME) * NANOSECONDS + statx.getInt(STX_CTIME_NANOSECONDS), statx.getLong(STX_MNT_ID));
    }

    /**
     * The identity of the file, independent of its name and suitable for an object path and a file name: {@code MAJOR_MINOR_INODE}. For a
     * block device file, it is the identity of the device: {@code disk_MAJOR_MINOR}.
     */
    public String identity() {
        return isBlockDevice() ? identityOfDisk(rdev) : deviceMajor + "_" + deviceMinor + "_" + Long.toUnsignedString(inode);
    }

    /** The identity of the block device with a number {@code MAJOR:MINOR}. */
    public static String identityOfDisk(String number) {
        return DISK + number.replace(':', '_');
    }

    public boolean isRegularFile() {
        return (mode & S_IFMT) == S_IFREG;
    }

    public boolean isDirectory() {
        return (mode & S_IFMT) == S_IFDIR;
    }

    public boolean isBlockDevice() {
        return (mode & S_IFMT) == S_IFBLK;
    }

    /** Whether it is a pipe or a socket. */
    boolean isStream() {
        return (mode & S_IFMT) == S_IFIFO || (mode & S_IFMT) == S_IFSOCK;
    }

    /** Whether at least one of owner, group and others may execute it. */
    public boolean isExecutable() {
        return (mode & 0111) != 0;
    }

    /** The kind of the file with its article, for messages. */
    public String kind() {
        return switch (mode & S_IFMT) {
            case S_IFREG -> "a regular file";
            case S_IFDIR -> "a directory";
            case S_IFIFO -> "a FIFO";
            case S_IFCHR -> "a character device";
            case S_IFBLK -> "a block device";
            case S_IFSOCK -> "a socket";
            default -> "a special file";
        };
    }
}
