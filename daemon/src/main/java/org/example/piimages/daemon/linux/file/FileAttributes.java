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

/** The attributes of a file apart from its content: owner, mode, extended attributes including the access control list, and flags. */
public final class FileAttributes {

    /** The attribute with the access control list; acl(5). */
    private static final String ACCESS_LIST = "system.posix_acl_access";
    /** The attribute with the capabilities of a program; capabilities(7). */
    private static final String CAPABILITIES = "security.capability";
    /** The attributes that certify a file's content. They are not copied; the kernel or a security module sets them for the new content. */
    private static final Set<String> CONTENT_ATTRIBUTES = Set.of(CAPABILITIES, "security.ima", "security.evm");
    /** The maximum size of the list of names and of a value in Linux; linux/limits.h. */
    private static final int LIMIT = 64 * 1024;

    /** The ioctls that get and set flags, encoded with the size of a long; linux/fs.h. */
    private static final long FS_IOC_GETFLAGS = 0x80086601L;
    private static final long FS_IOC_SETFLAGS = 0x40086602L;
    /** FS_COMPR_FL, FS_NOCOMP_FL, FS_SYNC_FL, FS_NODUMP_FL, FS_NOATIME_FL and FS_NOCOW_FL; ioctl_iflags(2). */
    private static final int KEPT_FLAGS = 0x4 | 0x400 | 0x8 | 0x40 | 0x80 | 0x800000;

    private static final int MODE = 0777;
    /** S_ISUID and S_ISGID. */
    private static final int SET_ID = 06000;

    private FileAttributes() {
    }

    /**
     * Gives a file the flags of another file, as far as its filesystem supports them. The flag that disables copy on write only takes
     * effect on an empty file.
     */
    static void copyFlags(Fd from, Fd to) {
        try {
            byte[] flags = new byte[Long.BYTES];
            Libc.call("ioctl", from.number(), FS_IOC_GETFLAGS, flags);
            int flagsToKeep = ByteBuffer.wrap(flags).order(ByteOrder.nativeOrder()).getInt() & KEPT_FLAGS;
            Libc.call("ioctl", to.number(), FS_IOC_GETFLAGS, flags);
            ByteBuffer now = ByteBuffer.wrap(flags).order(ByteOrder.nativeOrder());
            int changed = now.getInt(0) & ~KEPT_FLAGS | flagsToKeep;
            if (changed != now.getInt(0)) {
                now.putInt(0, changed);
                Libc.call("ioctl", to.number(), FS_IOC_SETFLAGS, flags);
            }
        } catch (ErrnoException e) {
            // Not fatal: the flags affect how a file is stored, not who may access it.
        }
    }

    /**
     * Gives a file the owner, group, mode, access control list and extended attributes of another file, and removes an access control list
     * that it inherited from its directory.
     *
     * @throws Failure UNSUPPORTED if one of them cannot be copied
     */
    static void copy(Fd from, Fd to) {
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
                copy(name, from, to);
            }
            what = "its mode";
            setMode(to, old.mode());
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the new file cannot keep " + what + ": " + e.reason() + "; nothing was changed",
                    e);
        }
    }

    private static void copy(String name, Fd from, Fd to) throws ErrnoException {
        Optional<byte[]> value = value(name, from);
        if (value.isPresent() && !value(name, to).filter(now -> Arrays.equals(now, value.get())).isPresent()) {
            Libc.call("fsetxattr", to.number(), name, value.get(), value.get().length, 0);
        }
    }

    /** Whether a program runs with rights of its own: set-user-ID, set-group-ID, or capabilities; capabilities(7). */
    public static boolean hasFilePrivileges(OpenFile program) throws ErrnoException {
        return (program.status().mode() & SET_ID) != 0 || value(CAPABILITIES, program.fd()).isPresent();
    }

    /** Sets the permission bits if they differ; fchmod(2). */
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
            names.removeAll(CONTENT_ATTRIBUTES);
            names.remove("");
            return names;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EOPNOTSUPP || e.errno() == Errno.ENOSYS) {
                return Set.of();
            }
            throw e;
        }
    }

    /** The value of an extended attribute; empty if the file has none of that name. */
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
     * Returns the permission bits for a file that is derived from another: no user gets more rights than on the original. If the original
     * has an access control list, its group bits are the mask, and the owning group may have fewer rights. If the new file has another
     * group, that group gets at most the rights of others.
     *
     * @param umask of the user who creates it
     */
    public static int modeOfCopy(OpenFile from, OpenFile made, int umask) throws ErrnoException {
        FileStatus status = FileStatus.of(from.fd());
        int mode = status.mode() & MODE;
        int group = value(ACCESS_LIST, from.fd()).map(PosixAcl::group).orElse(7);
        if (status.gid() != FileStatus.of(made.fd()).gid()) {
            group &= mode & 7;
        }
        return mode & (0707 | group << 3) & ~umask;
    }
}
