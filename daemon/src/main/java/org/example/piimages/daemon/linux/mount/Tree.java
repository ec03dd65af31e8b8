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
 * The files below a folder, with every name, link and {@code ..} resolved as if that folder were the root; openat2(2), RESOLVE_IN_ROOT.
 * Whatever an image's links say, nothing of the host is reached.
 */
public final class Tree {

    private static final int LINK_LIMIT = 4096;
    private static final int FOLDER_MODE = 0755;
    /** An image may have folders of any size; memory has an end. */
    private static final int MOST_ENTRIES = 16 * 1024;

    private final Fd root;

    /** The tree below an open folder, which stays the caller's. */
    public Tree(Fd root) {
        this.root = root;
    }

    /** Opens the folder that is the root, by a path of the host's that the daemon vouches for. The caller closes it. */
    public static Fd open(Path folder) throws ErrnoException {
        return Lookup.own(folder.toString(), OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    }

    /** An O_PATH handle on a file or folder, by a path of the host's that the daemon vouches for. The caller closes it. */
    public static Fd handleOf(Path path) throws ErrnoException {
        return Lookup.own(path.toString(), OpenFlags.O_PATH);
    }

    /**
     * Opens a regular file for reading, without waiting for who has a lease on it; fcntl(2), F_SETLEASE. Empty when there is none of that
     * name: nothing there, a dangling or looping link, another kind.
     *
     * @throws ErrnoException EAGAIN for a lease
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
            return Optional.of(new OpenFile(Lookup.again(handle, OpenFlags.O_RDONLY | OpenFlags.O_NOCTTY | OpenFlags.O_NONBLOCK), false));
        }
    }

    /** What is there, of whatever kind, links followed. Empty as in {@link #file}. */
    public Optional<FileStatus> status(String path) throws ErrnoException {
        Optional<Fd> found = find(path, OpenFlags.O_PATH);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Fd handle = found.get()) {
            return Optional.of(FileStatus.of(handle));
        }
    }

    /** Whether the name itself exists, be it a link that leads nowhere. */
    public boolean hasEntry(String path) throws ErrnoException {
        Optional<Fd> found = find(path, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
        found.ifPresent(Fd::close);
        return found.isPresent();
    }

    /** Where a link of that name leads, as it is written there. Empty when the name is no link. */
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

    /** The names in a folder; of very many, some. None when there is no such folder. */
    public List<String> entries(String path) throws IOException {
        Optional<Fd> found = folder(path);
        if (found.isEmpty()) {
            return List.of();
        }
        try (Fd handle = found.get(); Stream<Path> entries = Files.list(Path.of(handle.procPath() + "/."))) {
            return entries.map(entry -> entry.getFileName().toString()).limit(MOST_ENTRIES).toList();
        }
    }

    /** The path that a handle of the caller's has at this moment, below a folder of the host's; empty when it is not below that. */
    public static Optional<String> placeOf(Fd handle, Path folder) throws IOException {
        Path path = Files.readSymbolicLink(Path.of(handle.procPath()));
        return path.startsWith(folder) ? Optional.of("/" + folder.relativize(path)) : Optional.empty();
    }

    /** An O_PATH handle on what is there, of whatever kind, links followed. Empty as in {@link #file}. */
    public Optional<Fd> handle(String path) throws ErrnoException {
        return find(path, OpenFlags.O_PATH);
    }

    /** An O_PATH handle on a folder. Empty as in {@link #file}. */
    public Optional<Fd> folder(String path) throws ErrnoException {
        return find(path, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
    }

    /**
     * Makes a folder and those on the way to it that are missing, root's and for everybody to enter.
     *
     * @param path absolute, without "." and ".."
     * @throws ErrnoException EEXIST when something else is there, a dangling link for example; what mkdirat(2) says
     */
    public void createFolders(String path) throws ErrnoException {
        Optional<Fd> there = folder(path);
        if (there.isPresent()) {
            there.get().close();
            return;
        }
        int last = path.lastIndexOf('/');
        String parent = last == 0 ? "/" : path.substring(0, last);
        createFolders(parent);
        // Just made, or found: that it is gone again would be the doing of somebody who works in the same tree.
        Optional<Fd> found = folder(parent);
        if (found.isPresent()) {
            try (Fd handle = found.get()) {
                Libc.call("mkdirat", handle.number(), path.substring(last + 1), FOLDER_MODE);
            }
        }
    }

    /**
     * An O_PATH handle on a folder by the name that the kernel gives it in its tables: of any bytes and any length, without links. Empty as
     * in {@link #file}, and where a link is in the way; an empty name is the root.
     */
    public Optional<Fd> place(byte[] path) throws ErrnoException {
        int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
        Optional<Fd> found = unlessMissing(() -> Lookup.step(root, new byte[] {'.'}, flags));
        int from = 0;
        while (found.isPresent() && from < path.length) {
            int to = from;
            while (to < path.length && path[to] != '/') {
                to++;
            }
            byte[] name = Arrays.copyOfRange(path, from, to);
            try (Fd holder = found.get()) {
                found = unlessMissing(() -> Lookup.step(holder, name, flags));
            }
            from = to + 1;
        }
        return found;
    }

    /** A lookup of one of the two kinds. */
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
