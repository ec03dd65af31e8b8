package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * Grows filesystems while they are mounted, by means of the kernel. Each step goes through the filesystem's journal (ext4) or is a
 * transaction (btrfs): a power failure leaves the old size, the new one, or a consistent one in between, from which the next attempt
 * continues.
 */
public final class OnlineResize {

    /** _IOW('f', 16, __u64) of linux/ext4.h. */
    private static final long EXT4_IOC_RESIZE_FS = 0x40086610L;

    private OnlineResize() {
    }

    /**
     * Grows a mounted ext2, ext3 or ext4 filesystem to a number of its blocks, and syncs it.
     *
     * @param root a directory of the filesystem, which may be an O_PATH descriptor
     * @throws Failure UNSUPPORTED if the kernel cannot grow such a filesystem
     */
    public static void ext(Fd root, long blocks) throws IOException {
        resize(root, EXT4_IOC_RESIZE_FS, ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(blocks).array());
    }

    /** Grows a mounted btrfs to the whole of its device. Otherwise like {@link #ext}. */
    public static void btrfs(Fd root) throws IOException {
        resize(root, MountedBtrfs.BTRFS_IOC_RESIZE, MountedBtrfs.arguments("max"));
    }

    private static void resize(Fd root, long request, byte[] argument) throws IOException {
        try (Fd directory = Lookup.within(root, ".", OpenFlags.O_RDONLY)) {
            Libc.call("ioctl", directory.number(), request, argument);
            Libc.call("syncfs", directory.number());
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.EINVAL || e.errno() == Errno.ENOTTY) {
                throw new Failure(Failure.Kind.UNSUPPORTED, "the kernel cannot grow the filesystem: " + e.reason(), e);
            }
            throw e;
        }
    }
}
