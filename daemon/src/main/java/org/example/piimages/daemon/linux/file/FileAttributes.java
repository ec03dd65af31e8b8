package org.example.piimages.daemon.linux.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** What a file carries besides its bytes: owner, mode, extended attributes with its access control list among them, flags. */
public final class FileAttributes {

    /** The access control list of a file; acl(5). */
    private static final String ACCESS_LIST = "system.posix_acl_access";
    /** Those of who executes a file; capabilities(7). */
    private static final String CAPABILITIES = "security.capability";
    /** They vouch for a file's bytes; the kernel or a security module gives the new bytes theirs. */
    private static final Set<String> ABOUT_THE_BYTES = Set.of(CAPABILITIES, "security.ima", "security.evm");
    /** The most that Linux lets a list of names, or a value, have; linux/limits.h. */
    private static final int LIMIT = 64 * 1024;

    /** Type and number of a call on flags, with the size of a long; linux/fs.h. */
    private static final long FS_IOC_GETFLAGS = 0x80086601L;
    private static final long FS_IOC_SETFLAGS = 0x40086602L;
    /** Compressed, or never, synchronous, not dumped, no access times, no copy on write; ioctl_iflags(2). */
    private static final int KEPT_FLAGS = 0x4 | 0x400 | 0x8 | 0x40 | 0x80 | 0x800000;

    private static final int MODE = 0777;
    /** S_ISUID and S_ISGID. */
    private static final int SET_ID = 06000;

    private FileAttributes() {
    }

    /**
     * Gives a file the flags of another, as far as its filesystem takes them. That a file's blocks are not copied on write can be said only
     * while it is empty.
     */
    static void keepFlags(Fd from, Fd to) {
        try {
            byte[] flags = new byte[Long.BYTES];
            Libc.call("ioctl", from.number(), FS_IOC_GETFLAGS, flags);
            int wanted = ByteBuffer.wrap(flags).order(ByteOrder.nativeOrder()).getInt() & KEPT_FLAGS;
            Libc.call("ioctl", to.number(), FS_IOC_GETFLAGS, flags);
            ByteBuffer now = ByteBuffer.wrap(flags).order(ByteOrder.nativeOrder());
            int changed = now.getInt(0) & ~KEPT_FLAGS | wanted;
            if (changed != now.getInt(0)) {
                now.putInt(0, changed);
                Libc.call("ioctl", to.number(), FS_IOC_SETFLAGS, flags);
            }
        } catch (ErrnoException e) {
            // They say how a file is stored, and nothing about who may do what.
        }
    }

    /**
     * Gives a file the owner, group, mode, access control list and extended attributes of another, and takes away a list that it has from
     * its folder.
     *
     * @throws Failure UNSUPPORTED when one of them cannot be kept
     */
    static void keep(Fd from, Fd to) {
        String what = "its owner and group";
        try {
            FileStatus old = FileStatus.of(from);
            FileStatus now = FileStatus.of(to);
            if (old.uid() != now.uid() || old.gid() != now.gid()) {
                Libc.call("fchown", to.number(), old.uid(), old.gid());
            }
            Set<String> names = names(from);
            if (!names.contains(ACCESS_LIST) && names(to).contains(ACCESS_LIST)) {
                what = "the absence of an access control list";
                Libc.call("fremovexattr", to.number(), ACCESS_LIST);
            }
            for (String name : names) {
                what = name.equals(ACCESS_LIST) ? "its access control list" : "its attribute " + name;
                keep(name, from, to);
            }
            what = "its mode";
            setMode(to, old.mode());
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the new file cannot keep " + what + ": " + e.reason() + "; nothing was changed",
                    e);
        }
    }

    private static void keep(String name, Fd from, Fd to) throws ErrnoException {
        Optional<byte[]> value = value(name, from);
        if (value.isPresent() && !value(name, to).filter(now -> Arrays.equals(now, value.get())).isPresent()) {
            Libc.call("fsetxattr", to.number(), name, value.get(), value.get().length, 0);
        }
    }

    /** Whether a program gives who executes it its owner's or group's rights, or capabilities; capabilities(7). */
    public static boolean grantRights(OpenFile program) throws ErrnoException {
        return (program.status().mode() & SET_ID) != 0 || value(CAPABILITIES, program.fd()).isPresent();
    }

    /** Sets the permission bits, if they are others; fchmod(2). */
    public static void setMode(Fd file, int mode) throws ErrnoException {
        if ((FileStatus.of(file).mode() & MODE) != (mode & MODE)) {
            Libc.call("fchmod", file.number(), mode & MODE);
        }
    }

    private static Set<String> names(Fd file) throws ErrnoException {
        byte[] list = new byte[LIMIT];
        try {
            int length = (int) Libc.callLong("flistxattr", file.number(), list, list.length);
            Set<String> names = new TreeSet<>(Arrays.asList(new String(list, 0, length, StandardCharsets.UTF_8).split("\0")));
            names.removeAll(ABOUT_THE_BYTES);
            names.remove("");
            return names;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOSYS) {
                return Set.of();
            }
            throw e;
        }
    }

    /** Empty when there is none of the name. */
    private static Optional<byte[]> value(String name, Fd file) throws ErrnoException {
        byte[] value = new byte[LIMIT];
        try {
            return Optional.of(Arrays.copyOf(value, (int) Libc.callLong("fgetxattr", file.number(), name, value, value.length)));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODATA || e.errno() == Errno.EOPNOTSUPP) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * The permission bits for a file that is made from another: nobody may do with it what they may not do with that one. Where there is
     * an access control list, the group's bits are its mask, and the owning group may do less. Where the new file is of another group, that
     * one may do what everybody may.
     *
     * @param umask of whoever makes it
     */
    public static int modeOfCopy(OpenFile from, OpenFile made, int umask) throws ErrnoException {
        FileStatus status = FileStatus.of(from.fd());
        int mode = status.mode() & MODE;
        int group = value(ACCESS_LIST, from.fd()).map(AccessList::group).orElse(7);
        if (status.gid() != FileStatus.of(made.fd()).gid()) {
            group &= mode & 7;
        }
        return mode & (0707 | group << 3) & ~umask;
    }
}
