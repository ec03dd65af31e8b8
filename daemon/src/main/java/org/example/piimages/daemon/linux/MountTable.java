package org.example.piimages.daemon.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/** What is mounted, as the kernel tells it in /proc/self/mountinfo; proc(5). */
public final class MountTable {

    /**
     * One mount.
     *
     * @param id the mount's id, unique while it lives
     * @param parent the id of the mount it sits on
     * @param device major:minor of the superblock
     * @param target where it is, escapes resolved
     * @param source for a filesystem on a block device, the device
     */
    public record Entry(long id, long parent, String device, Path target, String type, String source) {
    }

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_STATX_DONT_SYNC = 0x4000;
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int STATX_SIZE = 256;
    private static final int STX_ATTRIBUTES = 8;
    private static final int UMOUNT_NOFOLLOW = 8;
    private static final int MNT_DETACH = 2;

    private MountTable() {
    }

    /** All mounts, parents before children. */
    public static List<Entry> read() throws IOException {
        return text().lines().map(MountTable::parse).toList();
    }

    private static String text() throws IOException {
        return Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
    }

    /** Fields are ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [OPTIONAL…] - TYPE SOURCE OPTIONS. */
    static Entry parse(String line) {
        int middle = line.indexOf(" - ");
        String[] front = line.substring(0, middle).split(" ");
        String[] back = line.substring(middle + " - ".length()).split(" ");
        return new Entry(Long.parseLong(front[0]), Long.parseLong(front[1]), front[2], Path.of(unescape(front[4])), back[0],
                unescape(back[1]));
    }

    /** As the kernel writes a path there. */
    static String escape(String path) {
        StringBuilder text = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            text.append(b == ' ' || b == '\t' || b == '\n' || b == '\\' ? String.format("\\%03o", b) : String.valueOf((char) (b & 0xff)));
        }
        return text.toString();
    }

    /** Octal escapes stand for space, tab, newline and backslash; the bytes are UTF-8 where they are text at all. */
    private static String unescape(String text) {
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            boolean escape = text.charAt(i) == '\\' && i + 3 < text.length();
            bytes[length++] = (byte) (escape ? Integer.parseInt(text.substring(i + 1, i + 4), 8) : text.charAt(i));
            i += escape ? 3 : 0;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** The mounts at a folder and below it. Of hundreds of others nothing is taken apart. */
    public static List<Entry> below(Path folder) throws IOException {
        String table = text();
        String beginning = " " + escape(folder.toString());
        List<Entry> entries = new ArrayList<>();
        int end = 0;
        for (int at = table.indexOf(beginning); at >= 0; at = table.indexOf(beginning, end)) {
            end = table.indexOf('\n', at);
            Entry entry = parse(table.substring(table.lastIndexOf('\n', at) + 1, end));
            if (entry.target().startsWith(folder)) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** Whether something is mounted at this very path, whose last part is not followed; statx(2): one call, however much is mounted. */
    public static boolean isMountPoint(Path path) throws IOException {
        byte[] statx = new byte[STATX_SIZE];
        try {
            Libc.call("statx", AT_FDCWD, path.toString(), AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, 0, statx);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
        return (ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder()).getLong(STX_ATTRIBUTES) & STATX_ATTR_MOUNT_ROOT) != 0;
    }

    /**
     * Unmounts what is mounted at a folder of ours and below it, the deepest first. The folder and those above it belong to the daemon;
     * below, whoever may write to the mounted files may rename folders and lay links, so each name is looked up within the mount and only
     * its last part is left to umount2(2), which does not follow it.
     *
     * @param lazily detach now and let the kernel finish when the last user has gone
     * @throws ErrnoException EBUSY when something uses a mount; those above it are still there
     */
    public static void unmount(Path folder, boolean lazily) throws IOException {
        int flags = UMOUNT_NOFOLLOW | (lazily ? MNT_DETACH : 0);
        List<Entry> entries = new ArrayList<>(below(folder));
        entries.sort(Comparator.comparing((Entry entry) -> entry.target().getNameCount()).reversed());
        for (Entry entry : entries) {
            if (entry.target().equals(folder)) {
                unmountPath(folder.toString(), flags);
            } else {
                unmountWithin(folder, entry.target(), flags);
            }
        }
    }

    private static void unmountWithin(Path folder, Path target, int flags) throws IOException {
        try (Fd root = Tree.open(folder)) {
            Path parent = folder.relativize(target).getParent();
            var holder = new Tree(root).folder(parent == null ? "." : parent.toString());
            if (holder.isEmpty()) {
                throw new IOException("the mount point moved while it was unmounted");
            }
            try (Fd open = holder.get()) {
                unmountPath(open.procPath() + "/" + target.getFileName(), flags);
            }
        }
    }

    private static void unmountPath(String path, int flags) throws ErrnoException {
        try {
            Libc.call("umount2", path, flags);
        } catch (ErrnoException e) {
            // EINVAL: no longer a mount point, somebody was faster; what we want is true.
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
        }
    }
}
