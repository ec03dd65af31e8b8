package org.example.piimages.daemon.linux.mount;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;
import org.example.piimages.libc.SystemCall;

/**
 * A mount that is not attached to any path yet: fsopen(2), fsconfig(2), fsmount(2). Closing it before {@link #attach} unmounts it;
 * afterwards, closing it only closes the descriptor.
 */
public final class Mount implements Closeable {

    /** The attributes of a mount; mount_setattr(2). */
    public enum Attribute {
        READ_ONLY(Attribute.MOUNT_ATTR_RDONLY), NO_SETUID(Attribute.MOUNT_ATTR_NOSUID), NO_DEVICES(Attribute.MOUNT_ATTR_NODEV),
        STRICT_ACCESS_TIMES(Attribute.MOUNT_ATTR_STRICTATIME);

        private static final int MOUNT_ATTR_RDONLY = 1;
        private static final int MOUNT_ATTR_NOSUID = 2;
        private static final int MOUNT_ATTR_NODEV = 4;
        private static final int MOUNT_ATTR_STRICTATIME = 0x20;

        private final long bit;

        Attribute(long bit) {
            this.bit = bit;
        }
    }

    private static final int FSOPEN_CLOEXEC = 1;
    private static final int FSMOUNT_CLOEXEC = 1;
    private static final int FSCONFIG_SET_FLAG = 0;
    private static final int FSCONFIG_SET_STRING = 1;
    private static final int FSCONFIG_CMD_CREATE = 6;
    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final int MOVE_MOUNT_T_EMPTY_PATH = 0x40;
    private static final long MOUNT_ATTR_IDMAP = 0x100000;
    private static final int MOUNT_ATTR_SIZE = 32;
    private static final int MOUNT_ATTR_USERNS_FD = 24;
    private static final int MOUNT_ATTR_PROPAGATION = 16;
    private static final long MS_PRIVATE = 1 << 18;
    private static final int AT_FDCWD = -100;

    private final Fd fd;

    private Mount(Fd fd) {
        this.fd = fd;
    }

    /**
     * Mounts the filesystem of a block device, without attaching it yet.
     *
     * @param type as in /proc/filesystems
     * @param options mount options of this filesystem, each a flag or NAME=VALUE; "ro" makes the superblock read-only
     * @throws Failure UNSUPPORTED if the kernel does not support the type, BUSY if the filesystem is mounted in another mode, FAILED if
     * memory is short, INVALID_IMAGE if the kernel cannot mount it; with the kernel's messages
     */
    public static Mount of(String type, String device, List<String> options, Set<Attribute> attributes) throws IOException {
        try (Fd context = context(type)) {
            try {
                return create(context, device, options, attributes);
            } catch (ErrnoException e) {
                throw refused(type, e, messages(context));
            }
        }
    }

    /** Creates a new, empty filesystem in memory, without attaching it yet; see tmpfs(5) for the options. */
    public static Mount ofMemory(List<String> options, Set<Attribute> attributes) throws IOException {
        try (Fd context = context("tmpfs")) {
            return create(context, "tmpfs", options, attributes);
        }
    }

    private static Mount create(Fd context, String source, List<String> options, Set<Attribute> attributes) throws ErrnoException {
        configure(context, FSCONFIG_SET_STRING, "source", source);
        for (String option : options) {
            int value = option.indexOf('=');
            if (value < 0) {
                configure(context, FSCONFIG_SET_FLAG, option, Libc.NULL);
            } else {
                configure(context, FSCONFIG_SET_STRING, option.substring(0, value), option.substring(value + 1));
            }
        }
        configure(context, FSCONFIG_CMD_CREATE, Libc.NULL, Libc.NULL);
        return new Mount(new Fd((int) Libc.syscall(SystemCall.FSMOUNT, context.number(), FSMOUNT_CLOEXEC, bits(attributes))));
    }

    private static long bits(Set<Attribute> attributes) {
        return attributes.stream().mapToLong(attribute -> attribute.bit).reduce(0, (a, b) -> a | b);
    }

    /**
     * Creates another mount of the file or directory of an O_PATH descriptor, without attaching it yet; open_tree(2), OPEN_TREE_CLONE.
     * Mounts below it are not included.
     */
    public static Mount copyOf(Fd source, Set<Attribute> attributes) throws ErrnoException {
        Mount copy = new Mount(new Fd((int) Libc.syscall(SystemCall.OPEN_TREE, source.number(), "",
                OPEN_TREE_CLONE | OpenFlags.O_CLOEXEC | AT_EMPTY_PATH)));
        try {
            ByteBuffer change = ByteBuffer.allocate(MOUNT_ATTR_SIZE).order(ByteOrder.nativeOrder());
            change.putLong(0, bits(attributes));
            Libc.syscall(SystemCall.MOUNT_SETATTR, copy.fd.number(), "", AT_EMPTY_PATH, change.array(), MOUNT_ATTR_SIZE);
            return copy;
        } catch (ErrnoException e) {
            copy.close();
            throw e;
        }
    }

    private static Fd context(String type) throws IOException {
        try {
            return new Fd((int) Libc.syscall(SystemCall.FSOPEN, type, FSOPEN_CLOEXEC));
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENODEV) {
                throw new Failure(Failure.Kind.UNSUPPORTED,
                        "this kernel does not support the " + type + " filesystem; see /proc/filesystems", e);
            }
            throw e;
        }
    }

    private static void configure(Fd context, int command, Object key, Object value) throws ErrnoException {
        Libc.syscall(SystemCall.FSCONFIG, context.number(), command, key, value, 0);
    }

    private static Failure refused(String type, ErrnoException error, List<String> messages) {
        String kernel = messages.isEmpty() ? "" : ": " + String.join("; ", messages);
        return switch (error.errno()) {
            case Errno.EBUSY -> new Failure(Failure.Kind.BUSY, "its " + type + " filesystem is mounted in another mode" + kernel, error);
            case Errno.ENOMEM -> new Failure(Failure.Kind.FAILED, "not enough memory to mount the " + type + " filesystem", error);
            default -> new Failure(Failure.Kind.INVALID_IMAGE, "the kernel cannot mount its " + type + " filesystem: " + error.reason()
                    + kernel + "; " + advice(type, error, messages), error);
        };
    }

    private static String advice(String type, ErrnoException error, List<String> messages) {
        if (type.equals("btrfs") && error.errno() == Errno.ENOENT) {
            return "parts of it are on other devices, which is not supported";
        }
        return error.errno() == Errno.EINVAL && messages.isEmpty()
                ? "either it has a feature or a block size that this kernel does not support, or it is damaged: see dmesg"
                : "fsck may repair it";
    }

    /** Reads the kernel's messages, such as {@code e ext4: text}. Each read of the context returns one message, until ENODATA. */
    private static List<String> messages(Fd context) {
        List<String> messages = new ArrayList<>();
        try {
            while (messages.size() < 8) {
                byte[] line = new byte[512];
                int length = (int) Libc.callLong("read", context.number(), line, line.length);
                String text = new String(line, 0, length, StandardCharsets.UTF_8).strip();
                messages.add(text.replaceFirst("^[ewi] ", "").replaceAll("\\p{Cntrl}", "?"));
            }
        } catch (ErrnoException e) {
            // ENODATA: there are no more messages.
        }
        return messages;
    }

    /**
     * Maps the owners of files by the id mapping of a user namespace; "ID-mapped mounts" in mount_setattr(2). Returns false if the
     * filesystem or the kernel does not support it; the mount is then unchanged.
     */
    public boolean mapOwners(Fd userNamespace) throws ErrnoException {
        ByteBuffer attributes = ByteBuffer.allocate(MOUNT_ATTR_SIZE).order(ByteOrder.nativeOrder());
        attributes.putLong(0, MOUNT_ATTR_IDMAP).putLong(MOUNT_ATTR_USERNS_FD, userNamespace.number());
        try {
            Libc.syscall(SystemCall.MOUNT_SETATTR, fd.number(), "", AT_EMPTY_PATH, attributes.array(), MOUNT_ATTR_SIZE);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.ENOSYS || e.errno() == Errno.EOPNOTSUPP) {
                return false;
            }
            throw e;
        }
    }

    /** Makes the mount private: mounts do not propagate between it and the mount that it is a copy of. */
    public void makePrivate() throws ErrnoException {
        ByteBuffer change = ByteBuffer.allocate(MOUNT_ATTR_SIZE).order(ByteOrder.nativeOrder());
        change.putLong(MOUNT_ATTR_PROPAGATION, MS_PRIVATE);
        Libc.syscall(SystemCall.MOUNT_SETATTR, fd.number(), "", AT_EMPTY_PATH, change.array(), MOUNT_ATTR_SIZE);
    }

    /** Attaches the mount to a directory whose path, from the root on, belongs to the daemon. */
    public void attach(Path directory) throws ErrnoException {
        Libc.syscall(SystemCall.MOVE_MOUNT, fd.number(), "", AT_FDCWD, directory.toString(), MOVE_MOUNT_F_EMPTY_PATH);
    }

    /** Attaches the mount to the directory of an O_PATH descriptor, without looking up a name. */
    public void attach(Fd directory) throws ErrnoException {
        Libc.syscall(SystemCall.MOVE_MOUNT, fd.number(), "", directory.number(), "",
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    }

    /** The root directory of this mount: an O_PATH descriptor that remains the mount's own. */
    public Fd root() {
        return fd;
    }

    /** The files of this mount, which are accessible even while it is not attached. */
    public DirectoryTree tree() {
        return new DirectoryTree(fd);
    }

    @Override
    public void close() {
        fd.close();
    }
}
