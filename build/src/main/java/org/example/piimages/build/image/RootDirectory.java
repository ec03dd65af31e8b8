package org.example.piimages.build.image;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The root directory of a mounted image. Paths are resolved as by programs in the image: a symbolic link in the image leads to a file in
 * the image, never to one on the host.
 */
public final class RootDirectory {

    private static final int MAX_LINKS = 40;
    private static final int PERMISSIONS = 07777;

    private final Path root;

    /** Creates an object for the image that is mounted on this directory. */
    public RootDirectory(Path root) {
        this.root = root;
    }

    /** Resolves a path in the image to a path on the host without symbolic links. The file need not exist. */
    public Path resolve(String name) throws IOException {
        Deque<String> remaining = new ArrayDeque<>(Arrays.asList(name.split("/")));
        Path place = root;
        int links = 0;
        while (!remaining.isEmpty()) {
            String part = remaining.pop();
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                place = place.equals(root) ? root : place.getParent();
                continue;
            }
            Path next = place.resolve(part);
            if (!Files.isSymbolicLink(next)) {
                place = next;
                continue;
            }
            if (++links > MAX_LINKS) {
                throw new IOException("too many symbolic links in " + name);
            }
            String target = Files.readSymbolicLink(next).toString();
            if (target.startsWith("/")) {
                place = root;
            }
            String[] parts = target.split("/");
            for (int i = parts.length - 1; i >= 0; i--) {
                remaining.push(parts[i]);
            }
        }
        return place;
    }

    /**
     * Copies a file to a path or into an existing directory, or the contents of a directory into that directory; preserves modes.
     *
     * @return the created file or directory; null for a symbolic link, which has no mode
     */
    public Path install(Path from, String name) throws IOException {
        Path to = resolve(name);
        if (!Files.isDirectory(from, LinkOption.NOFOLLOW_LINKS)) {
            boolean isInto = Files.isDirectory(to) || name.endsWith("/");
            String destination = isInto ? inRoot(to) + "/" + from.getFileName() : name;
            if (Files.isSymbolicLink(from)) {
                copyLink(from, parent(destination));
                return null;
            }
            Path file = resolve(destination);
            copyFile(from, file);
            return file;
        }
        Files.walkFileTree(from, new Copying(from, to));
        return to;
    }

    private String inRoot(Path place) {
        return root.relativize(place).toString();
    }

    /** Resolves only the parent directory of a path, so that a symbolic link at the path itself is not followed. */
    private Path parent(String name) throws IOException {
        Path path = Path.of("/", name).normalize();
        return path.getParent() == null ? root : resolve(path.getParent().toString()).resolve(path.getFileName());
    }

    /** Copies a symbolic link, and replaces an existing file of that name. */
    private static void copyLink(Path from, Path to) throws IOException {
        Files.copy(from, to, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Copies a file; an existing file is overwritten and keeps its owner. */
    private static void copyFile(Path from, Path to) throws IOException {
        if (Files.exists(to, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(to, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(to.getFileName() + " exists and is not a regular file");
        }
        try (OutputStream content = Files.newOutputStream(to, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING, LinkOption.NOFOLLOW_LINKS)) {
            Files.copy(from, content);
        }
        copyMode(from, to);
    }

    private static void copyMode(Path from, Path to) throws IOException {
        setMode(to, mode(from));
    }

    /** Returns the permissions of a file, or of the one that a symbolic link refers to. */
    public static int mode(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:mode") & PERMISSIONS;
    }

    /** Sets the permissions of a file that is not a symbolic link. */
    public static void setMode(Path file, int mode) throws IOException {
        Files.setAttribute(file, "unix:mode", mode);
    }

    /** Copies a directory tree. Each path is resolved in the image, because existing files may be symbolic links. */
    private final class Copying extends SimpleFileVisitor<Path> {
        private final Path from;
        private final Path to;
        private final boolean exists;

        Copying(Path from, Path to) {
            this.from = from;
            this.to = to;
            this.exists = Files.isDirectory(to);
        }

        private Path target(Path file) throws IOException {
            return resolve(inRoot(to) + "/" + from.relativize(file));
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            Path target = target(directory);
            if (!Files.isDirectory(target)) {
                Files.createDirectory(target);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (!attributes.isRegularFile() && !attributes.isSymbolicLink()) {
                throw new IOException(from.relativize(file) + " is not a regular file, directory or symbolic link");
            }
            if (attributes.isSymbolicLink()) {
                copyLink(file, parent(inRoot(to) + "/" + from.relativize(file)));
            } else {
                copyFile(file, target(file));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException problem) throws IOException {
            // The mode is set last, because it may prohibit writing. An existing destination directory keeps its mode.
            if (problem == null && !(exists && directory.equals(from))) {
                copyMode(directory, target(directory));
            }
            return super.postVisitDirectory(directory, problem);
        }
    }
}
