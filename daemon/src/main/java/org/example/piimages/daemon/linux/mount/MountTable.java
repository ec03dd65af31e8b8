package org.example.piimages.daemon.linux.mount;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/** The mounts of this process's namespace, as listed in /proc/self/mountinfo; proc(5). */
public final class MountTable {

    /**
     * One mount.
     *
     * @param id the id of the mount, unique while it exists
     * @param parent the id of the parent mount
     * @param device major:minor of the superblock
     * @param target the mount point, with escapes decoded
     * @param source the source; the device node for a filesystem on a block device
     */
    public record Entry(long id, long parent, String device, Path target, String type, String source) {
    }

    /** The index of the mount point among the fields of a line. */
    static final int TARGET = 4;
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_STATX_DONT_SYNC = 0x4000;
    private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;
    private static final int STATX_SIZE = 256;
    private static final int STX_ATTRIBUTES = 8;
    static final int UMOUNT_NOFOLLOW = 8;
    private static final int MNT_DETACH = 2;

    private MountTable() {
    }

    /** All mounts, parents before children. */
    public static List<Entry> read() throws IOException {
        return entries(text());
    }

    /** Parses the table. Only a newline ends a line: the kernel does not escape carriage returns in paths, which any user can choose. */
    static List<Entry> entries(String table) {
        return Arrays.stream(table.split("\n")).map(MountTable::parse).toList();
    }

    private static String text() throws IOException {
        return Files.readString(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1);
    }

    /** Fields are ID PARENT MAJOR:MINOR ROOT TARGET OPTIONS [OPTIONAL…] - TYPE SOURCE OPTIONS. */
    static Entry parse(String line) {
        int separator = line.indexOf(" - ");
        String[] fields = line.substring(0, separator).split(" ");
        String[] filesystemFields = line.substring(separator + " - ".length()).split(" ");
        return new Entry(Long.parseLong(fields[0]), Long.parseLong(fields[1]), fields[2], Path.of(unescape(fields[TARGET])),
                filesystemFields[0],
                unescape(filesystemFields[1]));
    }

    /** Escapes a path as the kernel does in the table. */
    static String escape(String path) {
        StringBuilder text = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            text.append(b == ' ' || b == '\t' || b == '\n' || b == '\\' ? String.format("\\%03o", b) : String.valueOf((char) (b & 0xff)));
        }
        return text.toString();
    }

    /** Decodes a path: octal escapes stand for space, tab, newline and backslash. The result is decoded as UTF-8. */
    private static String unescape(String text) {
        return new String(bytes(text), StandardCharsets.UTF_8);
    }

    /** Decodes a path to its bytes, which need not be valid text, because the owner of an image can choose them. */
    static byte[] bytes(String text) {
        byte[] bytes = new byte[text.length()];
        int length = 0;
        for (int i = 0; i < text.length(); i++) {
            boolean escape = text.charAt(i) == '\\' && i + 3 < text.length();
            bytes[length++] = (byte) (escape ? Integer.parseInt(text.substring(i + 1, i + 4), 8) : text.charAt(i));
            i += escape ? 3 : 0;
        }
        return Arrays.copyOf(bytes, length);
    }

    /** The mounts at a directory and below it. */
    public static List<Entry> below(Path directory) throws IOException {
        return linesBelow(directory).stream().map(MountTable::parse).toList();
    }

    /** The lines of the mounts at a directory and below it. The other lines, possibly hundreds, are not parsed. */
    static List<String> linesBelow(Path directory) throws IOException {
        String table = text();
        String beginning = " " + escape(directory.toString());
        List<String> lines = new ArrayList<>();
        int end = 0;
        for (int at = table.indexOf(beginning); at >= 0; at = table.indexOf(beginning, end)) {
            end = table.indexOf('\n', at);
            String line = table.substring(table.lastIndexOf('\n', at) + 1, end);
            String target = line.split(" ", TARGET + 2)[TARGET];
            if ((target + "/").startsWith(beginning.substring(1) + "/")) {
                lines.add(line);
            }
        }
        return lines;
    }

    /**
     * Whether something is mounted at this path, whose last component is not followed; statx(2): one call, however many mounts there are.
     */
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
     * Detaches everything that is mounted at a directory of the daemon and below it, wherever it is by now; umount2(2), MNT_DETACH. The
     * kernel completes that when the last user has gone. The topmost mount is detached first, with all mounts in it: the directories above
     * it belong to the daemon.
     */
    public static void detach(Path directory) throws IOException {
        Comparator<Entry> byDepth = Comparator.comparing(entry -> entry.target().getNameCount());
        for (var highest = below(directory).stream().min(byDepth); highest.isPresent(); highest = below(directory).stream().min(byDepth)) {
            try {
                Libc.call("umount2", highest.get().target().toString(), UMOUNT_NOFOLLOW | MNT_DETACH);
            } catch (ErrnoException e) {
                // EINVAL: no longer a mount point, because another thread or process has detached it.
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
                return;
            }
        }
    }
}
