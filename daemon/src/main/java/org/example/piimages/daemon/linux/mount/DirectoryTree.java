package org.example.piimages.daemon.linux.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.Lookup;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;

/**
 * The files below a directory. Every name, link and {@code ..} is resolved as if that directory were the root; openat2(2), RESOLVE_IN_ROOT.
 * Whatever the links in an image are, they do not lead to files of the host.
 */
public final class DirectoryTree {

    private static final int LINK_LIMIT = 4096;
    private static final int DIRECTORY_MODE = 0755;
    /** The limit for listing a directory: an image may have directories of any size, which must not exhaust memory. */
    private static final int MAX_ENTRIES = 16 * 1024;

    private final Fd root;

    /** The tree below an open directory, whose descriptor remains the caller's. */
    public DirectoryTree(Fd root) {
        this.root = root;
    }

    /** Opens the directory for the root, by a trusted path of the host. The caller closes it. */
    public static Fd open(Path directory) throws ErrnoException {
        return Lookup.trusted(directory.toString(), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    }

    /** Opens an O_PATH handle of a file or directory, by a trusted path of the host. The caller closes it. */
    public static Fd openHandle(Path path) throws ErrnoException {
        return Lookup.trusted(path.toString(), OpenFlags.O_PATH);
    }

    /**
     * Opens a regular file for reading, without waiting for the holder of a lease; fcntl(2), F_SETLEASE. Empty if there is no such file:
     * the name does not exist, is a dangling or looping link, or a file of another kind.
     *
     * @throws ErrnoException EAGAIN if another process holds a lease
     */
    public Optional<OpenFile> file(String path) throws ErrnoException {
        Optional<Fd> found = find(path, OpenFlags.O_PATH);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Fd handle = found.get()) {
            if (!FileStatus.of(handle).isRegularFile()) {
                return Optional.empty();
            }
            return Optional.of(new OpenFile(Lookup.reopen(handle, OpenFlags.O_RDONLY | OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK), false));
        }
    }

    /** The status of a file of any kind, links followed. Empty as in {@link #file}. */
    public Optional<FileStatus> status(String path) throws ErrnoException {
        Optional<Fd> found = find(path, OpenFlags.O_PATH);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Fd handle = found.get()) {
            return Optional.of(FileStatus.of(handle));
        }
    }

    /** Whether the name itself exists, if only as a dangling link. */
    public boolean hasEntry(String path) throws ErrnoException {
        Optional<Fd> found = find(path, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
        found.ifPresent(Fd::close);
        return found.isPresent();
    }

    /** The target of a link as stored. Empty if the name is not a link. */
    public Optional<String> linkTarget(String path) throws ErrnoException {
        Optional<Fd> found = find(path, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        byte[] target = new byte[LINK_LIMIT];
        try (Fd handle = found.get()) {
            int length = (int) Libc.callLong("readlinkat", handle.number(), "", target, target.length);
            return Optional.of(new String(target, 0, length, StandardCharsets.UTF_8));
        } catch (ErrnoException e) {
            // EINVAL or ENOENT: it is not a link.
            return Optional.empty();
        }
    }

    /** The names in a directory; only some of them if there are very many. Empty if there is no such directory. */
    public List<String> entries(String path) throws IOException {
        Optional<Fd> found = directory(path);
        if (found.isEmpty()) {
            return List.of();
        }
        try (Fd handle = found.get(); Stream<Path> entries = Files.list(Path.of(handle.procPath() + "/."))) {
            return entries.map(entry -> entry.getFileName().toString()).limit(MAX_ENTRIES).toList();
        }
    }

    /**
     * The current path of a handle relative to a directory of the host, beginning with a slash; empty if it is not below that directory.
     */
    public static Optional<String> relativePath(Fd handle, Path directory) throws IOException {
        Path path = Files.readSymbolicLink(Path.of(handle.procPath()));
        return path.startsWith(directory) ? Optional.of("/" + directory.relativize(path)) : Optional.empty();
    }

    /** Opens an O_PATH handle of a file of any kind, links followed. Empty as in {@link #file}. */
    public Optional<Fd> handle(String path) throws ErrnoException {
        return find(path, OpenFlags.O_PATH);
    }

    /** Opens an O_PATH handle of a directory. Empty as in {@link #file}. */
    public Optional<Fd> directory(String path) throws ErrnoException {
        return find(path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    }

    /**
     * Creates a directory and its missing parents, which belong to root and which everybody may enter.
     *
     * @param path absolute, without "." and ".."
     * @throws ErrnoException EEXIST if another file has the name, for example a dangling link; otherwise as mkdirat(2)
     */
    public void createDirectories(String path) throws ErrnoException {
        Optional<Fd> existing = directory(path);
        if (existing.isPresent()) {
            existing.get().close();
            return;
        }
        int last = path.lastIndexOf('/');
        String parent = last == 0 ? "/" : path.substring(0, last);
        createDirectories(parent);
        // It exists by now; it can only be missing if another process removes it at the same time.
        Optional<Fd> found = directory(parent);
        if (found.isPresent()) {
            try (Fd handle = found.get()) {
                Libc.call("mkdirat", handle.number(), path.substring(last + 1), DIRECTORY_MODE);
            }
        }
    }

    /**
     * Opens an O_PATH handle of a directory by its name in the kernel's tables: of any bytes and any length, without links. Empty as in
     * {@link #file}, and if a component is a link; the empty name is the root.
     */
    public Optional<Fd> place(byte[] path) throws ErrnoException {
        int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
        Optional<Fd> found = unlessMissing(() -> Lookup.child(root, new byte[] {'.'}, flags));
        int from = 0;
        while (found.isPresent() && from < path.length) {
            int to = from;
            while (to < path.length && path[to] != '/') {
                to++;
            }
            byte[] name = Arrays.copyOfRange(path, from, to);
            try (Fd holder = found.get()) {
                found = unlessMissing(() -> Lookup.child(holder, name, flags));
            }
            from = to + 1;
        }
        return found;
    }

    /** A lookup, of either kind. */
    @FunctionalInterface
    private interface Opening {
        Fd open() throws ErrnoException;
    }

    private Optional<Fd> find(String path, int flags) throws ErrnoException {
        return unlessMissing(() -> Lookup.within(root, path, flags));
    }

    private static Optional<Fd> unlessMissing(Opening opening) throws ErrnoException {
        try {
            return Optional.of(opening.open());
        } catch (ErrnoException e) {
            return switch (e.errno()) {
                case Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP, Errno.EACCES, Errno.ENAMETOOLONG -> Optional.empty();
                default -> throw e;
            };
        }
    }
}
