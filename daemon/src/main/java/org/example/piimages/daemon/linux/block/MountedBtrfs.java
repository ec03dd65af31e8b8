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
 * A mounted btrfs whose devices are changed: the kernel moves what lies on them, and each move is a transaction; linux/btrfs.h.
 *
 * <p>What does not fit is an ErrnoException ENOSPC; or EROFS or EIO, when the kernel noticed too late and now lets nothing be written: what
 * is on the devices is then as it was at some moment before.
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
    /** There are three types, each in one profile, and in another one while it is converted. */
    private static final int SLOTS = 64;
    /** More than any filesystem here has, so that sums of it do not overflow. */
    private static final long MOST = 1L << 55;

    private final Fd folder;

    private MountedBtrfs(Fd folder) {
        this.folder = folder;
    }

    /** By a folder of it, which may be an O_PATH descriptor and stays the caller's. */
    public static MountedBtrfs of(Fd root) throws ErrnoException {
        return new MountedBtrfs(Lookup.within(root, ".", OpenFlags.O_RDONLY));
    }

    /**
     * How many bytes its data and metadata take on its device, those that are kept twice counted twice. It is the image's own claim, which
     * the kernel does not verify when it mounts.
     */
    public long usedBytes() throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(BTRFS_SPACE_ARGS_SIZE + SLOTS * BTRFS_SPACE_INFO_SIZE).order(ByteOrder.nativeOrder());
        answer.putLong(0, SLOTS);
        call(BTRFS_IOC_SPACE_INFO, answer.array());
        long used = 0;
        for (int slot = 0; slot < Math.min(SLOTS, answer.getLong(BTRFS_SPACE_ARGS_TOTAL)); slot++) {
            int at = BTRFS_SPACE_ARGS_SIZE + slot * BTRFS_SPACE_INFO_SIZE;
            used += deviceBytes(answer.getLong(at), answer.getLong(at + BTRFS_SPACE_INFO_USED));
        }
        return used;
    }

    /** How much of a device a kind of space takes: 0 for the reserve, which is a part of another one. */
    static long deviceBytes(long flags, long used) {
        long once = used < 0 ? MOST : Math.min(used, MOST);
        return (flags & BTRFS_BLOCK_GROUP_TYPE_MASK) == 0 ? 0 : (flags & BTRFS_BLOCK_GROUP_DUP) == 0 ? once : 2 * once;
    }

    /**
     * Gives a device of it another size, and moves what lies behind.
     *
     * @param device its number in the filesystem
     * @param size in bytes, rounded down to a sector of the filesystem; the kernel takes no less than 256 MiB
     */
    public void resize(long device, long size) throws IOException {
        call(BTRFS_IOC_RESIZE, arguments(Long.toUnsignedString(device) + ":" + size));
    }

    /** Takes one more device in. Nothing is moved. */
    public void add(LoopDevice device) throws IOException {
        call(BTRFS_IOC_ADD_DEV, arguments(device.path()));
    }

    /** Moves all from a device to the others, and lets it go. */
    public void remove(LoopDevice device) throws IOException {
        call(BTRFS_IOC_RM_DEV, arguments(device.path()));
    }

    /** Returns when all is on its devices. */
    public void sync() throws IOException {
        Libc.call("syncfs", folder.number());
    }

    /**
     * Lets the kernel forget that a device was part of a filesystem; nothing happens to one that is mounted. It remembers each that it has
     * seen by the filesystem's UUID, which an image shares with its copies.
     */
    public static void forget(LoopDevice device) {
        try (Fd control = Lookup.own("/dev/btrfs-control", OpenFlags.O_RDWR)) {
            Libc.call("ioctl", control.number(), BTRFS_IOC_FORGET_DEV, arguments(device.path()));
        } catch (ErrnoException e) {
            // It knows nothing of it (ENOENT), cannot forget (before Linux 5.0), or has no such node: then it goes as it goes.
        }
    }

    static byte[] arguments(String name) {
        ByteBuffer arguments = ByteBuffer.allocate(BTRFS_VOL_ARGS_SIZE);
        arguments.put(BTRFS_VOL_ARGS_NAME, name.getBytes(StandardCharsets.US_ASCII));
        return arguments.array();
    }

    private void call(long request, byte[] arguments) throws ErrnoException {
        // A positive answer: another operation on the devices is under way, such as a balance that was paused.
        if (Libc.call("ioctl", folder.number(), request, arguments) > 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "its btrfs filesystem has a balance or replacement that was interrupted; mount it"
                    + " and complete or cancel that first");
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
