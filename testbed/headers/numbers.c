/*
 * The constants of the kernel's interface, by the names that the Java sources use for them. `tables` compiles this file for a CPU and
 * extracts them from the assembly, as the kernel's own build does with its asm-offsets: nothing is executed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/capability.h>
#include <linux/dm-ioctl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>

/* In linux/ext4.h, which Debian 12 does not have yet; how the number of an ioctl is composed depends on the CPU. */
#ifndef EXT4_IOC_RESIZE_FS
#define EXT4_IOC_RESIZE_FS _IOW('f', 16, __u64)
#endif

#define NUMBER(name, value) __asm__ volatile("\n.ascii \"=" name " %0\"" : : "i"((long)(value)))
#define SAME(name) NUMBER(#name, name)

void numbers(void)
{
    /* Constants that differ between the CPUs. */
    SAME(O_DIRECT); SAME(O_DIRECTORY); SAME(O_NOFOLLOW); SAME(O_TMPFILE);
    SAME(SYS_setgroups); SAME(SYS_setresgid); SAME(SYS_setresuid);

    /* open(2), openat2(2) and other calls that accept their flags. */
    SAME(O_RDONLY); SAME(O_WRONLY); SAME(O_RDWR); SAME(O_ACCMODE); SAME(O_CREAT); SAME(O_EXCL);
    SAME(O_NOCTTY); SAME(O_NONBLOCK); SAME(O_CLOEXEC); SAME(O_PATH);
    SAME(AT_FDCWD); SAME(AT_EMPTY_PATH); SAME(AT_SYMLINK_FOLLOW); SAME(AT_SYMLINK_NOFOLLOW); SAME(AT_STATX_DONT_SYNC);
    SAME(RESOLVE_NO_XDEV); SAME(RESOLVE_NO_MAGICLINKS); SAME(RESOLVE_NO_SYMLINKS); SAME(RESOLVE_BENEATH); SAME(RESOLVE_IN_ROOT);
    NUMBER("OPEN_HOW_SIZE", sizeof(struct open_how));
    NUMBER("OPEN_HOW_MODE", offsetof(struct open_how, mode));
    NUMBER("OPEN_HOW_RESOLVE", offsetof(struct open_how, resolve));
    SAME(RENAME_NOREPLACE);
    SAME(FS_IOC_GETFLAGS); SAME(FS_IOC_SETFLAGS);
    SAME(F_GETFL); SAME(F_DUPFD_CLOEXEC);
    SAME(FIONREAD); SAME(POLLIN); SAME(F_SETFL); SAME(MFD_CLOEXEC);
    NUMBER("POLLFD_SIZE", sizeof(struct pollfd));
    NUMBER("POLLFD_EVENTS", offsetof(struct pollfd, events));
    NUMBER("POLLFD_REVENTS", offsetof(struct pollfd, revents));
    SAME(LOCK_SH); SAME(LOCK_EX); SAME(LOCK_NB);
    SAME(SEEK_DATA); SAME(SEEK_HOLE); SAME(SYNC_FILE_RANGE_WRITE);
    SAME(FALLOC_FL_KEEP_SIZE); SAME(FALLOC_FL_PUNCH_HOLE); SAME(FALLOC_FL_ZERO_RANGE);

    /* System calls by number. */
    SAME(SYS_openat2); SAME(SYS_open_tree); SAME(SYS_move_mount); SAME(SYS_fsopen); SAME(SYS_fsconfig); SAME(SYS_fsmount);
    SAME(SYS_mount_setattr); SAME(SYS_pidfd_open);

    /* statx(2), inode(7), statvfs(3). */
    SAME(STATX_BASIC_STATS); SAME(STATX_MNT_ID); SAME(STATX_ATTR_MOUNT_ROOT);
    SAME(S_IFMT); SAME(S_IFREG); SAME(S_IFDIR); SAME(S_IFBLK); SAME(S_IFIFO); SAME(S_IFCHR); SAME(S_IFSOCK); SAME(S_IFLNK);
    NUMBER("STATX_SIZE", sizeof(struct statx));
    NUMBER("STX_ATTRIBUTES", offsetof(struct statx, stx_attributes));
    NUMBER("STX_NLINK", offsetof(struct statx, stx_nlink));
    NUMBER("STX_UID", offsetof(struct statx, stx_uid));
    NUMBER("STX_GID", offsetof(struct statx, stx_gid));
    NUMBER("STX_MODE", offsetof(struct statx, stx_mode));
    NUMBER("STX_INO", offsetof(struct statx, stx_ino));
    NUMBER("STX_SIZE", offsetof(struct statx, stx_size));
    NUMBER("STX_CTIME", offsetof(struct statx, stx_ctime));
    NUMBER("STX_CTIME_NANOSECONDS", offsetof(struct statx, stx_ctime.tv_nsec));
    NUMBER("STX_RDEV_MAJOR", offsetof(struct statx, stx_rdev_major));
    NUMBER("STX_RDEV_MINOR", offsetof(struct statx, stx_rdev_minor));
    NUMBER("STX_DEV_MAJOR", offsetof(struct statx, stx_dev_major));
    NUMBER("STX_DEV_MINOR", offsetof(struct statx, stx_dev_minor));
    NUMBER("STX_MNT_ID", offsetof(struct statx, stx_mnt_id));
    SAME(PROC_SUPER_MAGIC); SAME(SYSFS_MAGIC); SAME(CGROUP_SUPER_MAGIC); SAME(CGROUP2_SUPER_MAGIC); SAME(DEBUGFS_MAGIC);
    SAME(TRACEFS_MAGIC); SAME(SECURITYFS_MAGIC); SAME(SELINUX_MAGIC); SAME(SMACK_MAGIC); SAME(AAFS_MAGIC); SAME(BPF_FS_MAGIC);
    SAME(EFIVARFS_MAGIC); SAME(PSTOREFS_MAGIC); SAME(BINFMTFS_MAGIC); SAME(RDTGROUP_SUPER_MAGIC); SAME(XENFS_SUPER_MAGIC);
    NUMBER("STATFS_SIZE", sizeof(struct statfs));
    NUMBER("STATVFS_SIZE", sizeof(struct statvfs));
    NUMBER("F_FRSIZE", offsetof(struct statvfs, f_frsize));
    NUMBER("F_BAVAIL", offsetof(struct statvfs, f_bavail));

    /* mount(2) and the new mount calls. */
    SAME(UMOUNT_NOFOLLOW); SAME(MNT_DETACH);
    SAME(FSOPEN_CLOEXEC); SAME(FSMOUNT_CLOEXEC); SAME(FSCONFIG_SET_FLAG); SAME(FSCONFIG_SET_STRING); SAME(FSCONFIG_CMD_CREATE);
    SAME(OPEN_TREE_CLONE); SAME(OPEN_TREE_CLOEXEC); SAME(MOVE_MOUNT_F_EMPTY_PATH); SAME(MOVE_MOUNT_T_EMPTY_PATH);
    SAME(MOUNT_ATTR_RDONLY); SAME(MOUNT_ATTR_NOSUID); SAME(MOUNT_ATTR_NODEV); SAME(MOUNT_ATTR_IDMAP);
    SAME(MOUNT_ATTR_STRICTATIME);
    NUMBER("MOUNT_ATTR_SIZE", sizeof(struct mount_attr));
    NUMBER("MOUNT_ATTR_USERNS_FD", offsetof(struct mount_attr, userns_fd));
    NUMBER("MOUNT_ATTR_PROPAGATION", offsetof(struct mount_attr, propagation));
    SAME(MS_PRIVATE);

    /* ioctl(2). */
    SAME(LOOP_CTL_GET_FREE); SAME(LOOP_CONFIGURE); SAME(LOOP_SET_STATUS64); SAME(LOOP_GET_STATUS64);
    SAME(LO_FLAGS_READ_ONLY); SAME(LO_FLAGS_AUTOCLEAR); SAME(LO_FLAGS_DIRECT_IO); SAME(LO_NAME_SIZE);
    NUMBER("LOOP_CONFIG_SIZE", sizeof(struct loop_config));
    NUMBER("LOOP_CONFIG_INFO", offsetof(struct loop_config, info));
    NUMBER("LOOP_INFO_SIZE", sizeof(struct loop_info64));
    NUMBER("LO_DEVICE", offsetof(struct loop_info64, lo_device));
    NUMBER("LO_INODE", offsetof(struct loop_info64, lo_inode));
    NUMBER("LO_OFFSET", offsetof(struct loop_info64, lo_offset));
    NUMBER("LO_SIZELIMIT", offsetof(struct loop_info64, lo_sizelimit));
    NUMBER("LO_RDEVICE", offsetof(struct loop_info64, lo_rdevice));
    NUMBER("LO_FLAGS", offsetof(struct loop_info64, lo_flags));
    NUMBER("LO_FILE_NAME", offsetof(struct loop_info64, lo_file_name));
    SAME(DM_DEV_CREATE); SAME(DM_DEV_REMOVE); SAME(DM_DEV_SUSPEND); SAME(DM_TABLE_LOAD);
    SAME(DM_READONLY_FLAG); SAME(DM_SECURE_DATA_FLAG); SAME(DM_DEFERRED_REMOVE);
    NUMBER("DM_IOCTL_SIZE", sizeof(struct dm_ioctl));
    NUMBER("DM_DATA_SIZE", offsetof(struct dm_ioctl, data_size));
    NUMBER("DM_DATA_START", offsetof(struct dm_ioctl, data_start));
    NUMBER("DM_TARGET_COUNT", offsetof(struct dm_ioctl, target_count));
    NUMBER("DM_FLAGS", offsetof(struct dm_ioctl, flags));
    NUMBER("DM_DEV", offsetof(struct dm_ioctl, dev));
    NUMBER("DM_NAME", offsetof(struct dm_ioctl, name));
    NUMBER("DM_TARGET_SPEC_SIZE", sizeof(struct dm_target_spec));
    NUMBER("DM_TARGET_LENGTH", offsetof(struct dm_target_spec, length));
    NUMBER("DM_TARGET_TYPE", offsetof(struct dm_target_spec, target_type));
    SAME(BLKGETSIZE64); SAME(BLKGETDISKSEQ); SAME(BLKRRPART); SAME(FICLONERANGE); SAME(EXT4_IOC_RESIZE_FS); SAME(BTRFS_IOC_RESIZE);
    NUMBER("FILE_CLONE_RANGE_SIZE", sizeof(struct file_clone_range));
    NUMBER("BTRFS_VOL_ARGS_SIZE", sizeof(struct btrfs_ioctl_vol_args));
    NUMBER("BTRFS_VOL_ARGS_NAME", offsetof(struct btrfs_ioctl_vol_args, name));
    SAME(BTRFS_IOC_FORGET_DEV); SAME(BTRFS_IOC_ADD_DEV); SAME(BTRFS_IOC_RM_DEV); SAME(BTRFS_IOC_SPACE_INFO);
    NUMBER("BTRFS_SPACE_ARGS_SIZE", sizeof(struct btrfs_ioctl_space_args));
    NUMBER("BTRFS_SPACE_ARGS_TOTAL", offsetof(struct btrfs_ioctl_space_args, total_spaces));
    NUMBER("BTRFS_SPACE_INFO_SIZE", sizeof(struct btrfs_ioctl_space_info));
    NUMBER("BTRFS_SPACE_INFO_USED", offsetof(struct btrfs_ioctl_space_info, used_bytes));
    SAME(BTRFS_BLOCK_GROUP_DUP);
    NUMBER("BTRFS_BLOCK_GROUP_TYPE_MASK", BTRFS_BLOCK_GROUP_DATA | BTRFS_BLOCK_GROUP_SYSTEM | BTRFS_BLOCK_GROUP_METADATA);

    /* Sockets. */
    SAME(AF_UNIX); SAME(SOCK_STREAM); SAME(SOCK_DGRAM); SAME(SOCK_CLOEXEC); SAME(SOL_SOCKET); SAME(SCM_RIGHTS); SAME(SHUT_RDWR);
    SAME(MSG_DONTWAIT); SAME(MSG_NOSIGNAL); SAME(MSG_CMSG_CLOEXEC);
    NUMBER("MSGHDR_SIZE", sizeof(struct msghdr));
    NUMBER("MSG_IOV", offsetof(struct msghdr, msg_iov));
    NUMBER("MSG_IOVLEN", offsetof(struct msghdr, msg_iovlen));
    NUMBER("MSG_CONTROL", offsetof(struct msghdr, msg_control));
    NUMBER("MSG_CONTROLLEN", offsetof(struct msghdr, msg_controllen));
    NUMBER("IOVEC_SIZE", sizeof(struct iovec));
    NUMBER("CMSGHDR_SIZE", sizeof(struct cmsghdr));
    NUMBER("CMSG_LEVEL", offsetof(struct cmsghdr, cmsg_level));
    NUMBER("CMSG_TYPE", offsetof(struct cmsghdr, cmsg_type));

    /* Capabilities, processes, signals. */
    NUMBER("LINUX_CAPABILITY_VERSION_3", _LINUX_CAPABILITY_VERSION_3);
    NUMBER("ACL_VERSION", POSIX_ACL_XATTR_VERSION);
    SAME(ACL_USER_OBJ); SAME(ACL_USER); SAME(ACL_GROUP_OBJ); SAME(ACL_GROUP); SAME(ACL_MASK); SAME(ACL_OTHER);
    SAME(PER_LINUX); SAME(PER_LINUX32);
    SAME(SIGHUP); SAME(SIGINT); SAME(SIGKILL); SAME(SIGTERM); SAME(SIGCONT); SAME(SIGWINCH);

    /* errno(3). */
    SAME(EPERM); SAME(ENOENT); SAME(ESRCH); SAME(EINTR); SAME(EIO); SAME(ENXIO); SAME(EBADF); SAME(EAGAIN); SAME(ENOMEM); SAME(EACCES); SAME(EBUSY);
    SAME(EEXIST); SAME(EXDEV); SAME(ENODEV); SAME(ENOTDIR); SAME(EISDIR); SAME(EINVAL); SAME(ENFILE); SAME(EMFILE); SAME(ENOTTY);
    SAME(ETXTBSY); SAME(ENOSPC); SAME(EROFS); SAME(EPIPE); SAME(ENAMETOOLONG); SAME(ENOSYS); SAME(ELOOP); SAME(ENODATA);
    SAME(EOVERFLOW); SAME(EILSEQ); SAME(EOPNOTSUPP); SAME(ENOTCONN); SAME(ETIMEDOUT); SAME(EREMOTEIO); SAME(EDQUOT); SAME(ENOMEDIUM);
}
