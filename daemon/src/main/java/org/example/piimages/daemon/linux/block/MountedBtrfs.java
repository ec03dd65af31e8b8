package org.example.piimages.daemon.linux.block;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * A mounted btrfs whose devices are changed. The kernel moves the data on them, and each move is a transaction; linux/btrfs.h.
 *
 * <p>If the data does not fit, the operations throw ErrnoException ENOSPC; or EROFS or EIO, if the kernel noticed it too late and made the
 * filesystem read-only: its content is then that of an earlier moment.
 */
public final class MountedBtrfs implements Closeable {

    /** _IOW(0x94, 3, struct btrfs_ioctl_vol_args); the next ones are numbers 5, 10 and 11, the last is _IOWR(0x94, 20, space_args). */
    static final long BTRFS_IOC_RESIZE = 0x50009403L;
    private static final long BTRFS_IOC_FORGET_DEV = 0x50009405L;
    private static final long BTRFS_IOC_ADD_DEV = 0x5000940AL;
    private static final long BTRFS_IOC_RM_DEV = 0x5000940BL;
    private static final long BTRFS_IOC_SPACE_INFO = 0xC0109414L;
    private static final int BTRFS_VOL_ARGS_SIZE = 4096;
    private static final int BTRFS_VOL_ARGS_NAME = 8;
    private static final int BTRFS_SPACE_ARGS_SIZE = 16;
    private static final int BTRFS_SPACE_ARGS_TOTAL = 8;
    private static final int BTRFS_SPACE_INFO_SIZE = 24;
    private static final int BTRFS_SPACE_INFO_USED = 16;
    private static final long BTRFS_BLOCK_GROUP_TYPE_MASK = 7;
    private static final long BTRFS_BLOCK_GROUP_DUP = 0x20;
    /** The maximum number of entries: there are three types, each with one profile, and with a second one while it is converted. */
    private static final int MAX_ENTRIES = 64;
    /** An upper limit for the size of a filesystem, so that sums do not overflow. */
    private static final long MAX_SIZE = 1L << 55;

    private final Fd directory;

    private MountedBtrfs(Fd directory) {
        this.directory = directory;
    }

    /** Opens a filesystem by any of its directories. The descriptor may be an O_PATH one, and remains the caller's. */
    public static MountedBtrfs of(Fd root) throws ErrnoException {
        return new MountedBtrfs(Lookup.within(root, ".", OpenFlags.O_RDONLY));
    }

    /**
     * The number of bytes that its data and metadata occupy on its device; with the profile DUP, they count twice. The image itself states
     * this number, which the kernel does not verify when it mounts.
     */
    public long usedBytes() throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(BTRFS_SPACE_ARGS_SIZE + MAX_ENTRIES * BTRFS_SPACE_INFO_SIZE).order(ByteOrder.nativeOrder());
        answer.putLong(0, MAX_ENTRIES);
        call(BTRFS_IOC_SPACE_INFO, answer.array());
        long used = 0;
        for (int slot = 0; slot < Math.min(MAX_ENTRIES, answer.getLong(BTRFS_SPACE_ARGS_TOTAL)); slot++) {
            int at = BTRFS_SPACE_ARGS_SIZE + slot * BTRFS_SPACE_INFO_SIZE;
            used += deviceBytes(answer.getLong(at), answer.getLong(at + BTRFS_SPACE_INFO_USED));
        }
        return used;
    }

    /** The number of bytes that a type of space occupies on a device: 0 for the reserve, which is a part of another type. */
    static long deviceBytes(long flags, long used) {
        long once = used < 0 ? MAX_SIZE : Math.min(used, MAX_SIZE);
        return (flags & BTRFS_BLOCK_GROUP_TYPE_MASK) == 0 ? 0 : (flags & BTRFS_BLOCK_GROUP_DUP) == 0 ? once : 2 * once;
    }

    /**
     * Resizes a device of the filesystem, moving the data beyond its new end.
     *
     * @param device the number of the device in the filesystem
     * @param size in bytes, rounded down to a sector of the filesystem; the kernel refuses less than 256 MiB
     */
    public void resize(long device, long size) throws IOException {
        call(BTRFS_IOC_RESIZE, arguments(Long.toUnsignedString(device) + ":" + size));
    }

    /** Adds a device. No data is moved. */
    public void add(LoopDevice device) throws IOException {
        call(BTRFS_IOC_ADD_DEV, arguments(device.path()));
    }

    /** Moves all data from a device to the others, and removes it from the filesystem. */
    public void remove(LoopDevice device) throws IOException {
        call(BTRFS_IOC_RM_DEV, arguments(device.path()));
    }

    /** Waits until all data is on the devices; syncfs(2). */
    public void sync() throws IOException {
        Libc.call("syncfs", directory.number());
    }

    /**
     * Makes the kernel forget that a device was part of a filesystem; no effect on a mounted one. The kernel remembers each device by the
     * UUID of its filesystem, which an image shares with its copies.
     */
    public static void forget(LoopDevice device) {
        try (Fd control = Lookup.trusted("/dev/btrfs-control", OpenFlags.O_RDWR)) {
            Libc.call("ioctl", control.number(), BTRFS_IOC_FORGET_DEV, arguments(device.path()));
        } catch (ErrnoException e) {
            // Not fatal: the kernel does not know the device (ENOENT), cannot forget it (before Linux 5.0), or the control node does not
            // exist.
        }
    }

    static byte[] arguments(String name) {
        ByteBuffer arguments = ByteBuffer.allocate(BTRFS_VOL_ARGS_SIZE);
        arguments.put(BTRFS_VOL_ARGS_NAME, name.getBytes(StandardCharsets.US_ASCII));
        return arguments.array();
    }

    private void call(long request, byte[] arguments) throws ErrnoException {
        // A positive result means that another operation on the devices is in progress, such as a paused balance.
        if (Libc.call("ioctl", directory.number(), request, arguments) > 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "its btrfs filesystem has a balance or replacement that was interrupted; mount it"
                    + " and complete or cancel that first");
        }
    }

    @Override
    public void close() {
        directory.close();
    }
}
