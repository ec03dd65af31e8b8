package org.example.piimages.daemon.linux.file;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** The type of the filesystem that contains an open file; statfs(2), f_type. */
public final class FilesystemType {

    private static final int STATFS_SIZE = 120;
    private static final long PROC_SUPER_MAGIC = 0x9fa0;
    private static final long SYSFS_MAGIC = 0x62656572;
    private static final long CGROUP_SUPER_MAGIC = 0x27e0eb;
    private static final long CGROUP2_SUPER_MAGIC = 0x63677270;
    private static final long DEBUGFS_MAGIC = 0x64626720;
    private static final long TRACEFS_MAGIC = 0x74726163;
    private static final long SECURITYFS_MAGIC = 0x73636673;
    private static final long SELINUX_MAGIC = 0xf97cff8cL;
    private static final long SMACK_MAGIC = 0x43415d53;
    private static final long AAFS_MAGIC = 0x5a3c69f0;
    private static final long CONFIGFS_MAGIC = 0x62656570;
    private static final long BPF_FS_MAGIC = 0xcafe4a11L;
    private static final long EFIVARFS_MAGIC = 0xde5e81e4L;
    private static final long PSTOREFS_MAGIC = 0x6165676c;
    private static final long BINFMTFS_MAGIC = 0x42494e4d;
    private static final long RDTGROUP_SUPER_MAGIC = 0x7655821;
    private static final long FUSE_CTL_SUPER_MAGIC = 0x65735543;
    private static final long XENFS_SUPER_MAGIC = 0xabba1974L;
    private static final Set<Long> KERNELS_OWN = Set.of(PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
            DEBUGFS_MAGIC, TRACEFS_MAGIC, SECURITYFS_MAGIC, SELINUX_MAGIC, SMACK_MAGIC, AAFS_MAGIC, CONFIGFS_MAGIC, BPF_FS_MAGIC,
            EFIVARFS_MAGIC, PSTOREFS_MAGIC, BINFMTFS_MAGIC, RDTGROUP_SUPER_MAGIC, FUSE_CTL_SUPER_MAGIC, XENFS_SUPER_MAGIC);

    private FilesystemType() {
    }

    /** Whether the file is on proc(5). */
    static boolean isProc(Fd file) {
        return of(file) == PROC_SUPER_MAGIC;
    }

    /**
     * Whether the file is on a filesystem that is an interface to the kernel, such as proc(5), sysfs(5) and cgroups(7). Some of their files
     * check the credentials of the writer rather than those of the opener: root must not write there on behalf of another user.
     */
    public static boolean isKernelInterface(Fd file) {
        return KERNELS_OWN.contains(of(file));
    }

    private static long of(Fd file) {
        byte[] statfs = new byte[STATFS_SIZE];
        try {
            Libc.call("fstatfs", file.number(), statfs);
        } catch (ErrnoException e) {
            // Kernel filesystems always support fstatfs; only some filesystems that users serve do not.
            return 0;
        }
        return ByteBuffer.wrap(statfs).order(ByteOrder.nativeOrder()).getLong(0);
    }
}
