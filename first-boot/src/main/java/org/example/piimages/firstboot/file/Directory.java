package org.example.piimages.firstboot.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Set;
import java.util.function.Predicate;
import org.example.piimages.firstboot.failure.FirstBootException;

/**
 * Files below a directory, by relative path. The image is untrusted, including all names and links in it: each name is looked up relative
 * to the open directory (openat(2)), and no symbolic link is followed.
 */
public final class Directory {

    /**
     * The maximum size of a file in bytes. These files are written by users and setup tools; the parsed form of a larger YAML file would
     * not fit into piimagesctl's memory.
     */
    static final int MAX_FILE_SIZE = 128 << 10;

    private final Path top;

    public Directory(Path top) {
        this.top = top;
    }

    /** An open directory and its open parents. */
    private static final class Opened implements AutoCloseable {
        private final Deque<SecureDirectoryStream<Path>> streams = new ArrayDeque<>();

        SecureDirectoryStream<Path> last() {
            return streams.peek();
        }

        void enter(DirectoryStream<Path> stream) throws IOException {
            if (!(stream instanceof SecureDirectoryStream<Path> secure)) {
                stream.close();
                throw new IOException("this system has no openat(2)");
            }
            streams.push(secure);
        }

        @Override
        public void close() throws IOException {
            for (SecureDirectoryStream<Path> stream : streams) {
                stream.close();
            }
        }
    }

    // The stream is closed together with all others.
    @SuppressWarnings("StreamResourceLeak")
    private Opened openDirectoryOf(Path path) throws IOException {
        Opened opened = new Opened();
        try {
            opened.enter(Files.newDirectoryStream(top));
            for (Path name : path.getParent() == null ? Path.of("") : path.getParent()) {
                if (!name.toString().isEmpty()) {
                    enter(opened, name);
                }
            }
            return opened;
        } catch (IOException | RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Opens a directory in the last one. Opening a FIFO by its name would block until a process opens it for writing; "NAME/." cannot be
     * opened for a FIFO or any other non-directory, but follows symbolic links, so the opened file is compared with the one that was
     * looked up.
     */
    private static void enter(Opened opened, Path name) throws IOException {
        BasicFileAttributes expected = attributes(opened.last(), name);
        if (!expected.isDirectory()) {
            throw new NotDirectoryException(name.toString());
        }
        opened.enter(opened.last().newDirectoryStream(Path.of(name + "/."), LinkOption.NOFOLLOW_LINKS));
        Object key = opened.last().getFileAttributeView(BasicFileAttributeView.class).readAttributes().fileKey();
        if (!expected.fileKey().equals(key)) {
            throw new IOException(name + " was replaced in the meantime");
        }
    }

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        return directory.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes();
    }

    /** Returns whether a regular file of that name exists, without following links. */
    public boolean hasFile(String path) throws FirstBootException {
        return has(path, BasicFileAttributes::isRegularFile);
    }

    /** Returns whether a directory of that name exists, without following links. */
    boolean hasDirectory(String path) throws FirstBootException {
        return has(path, BasicFileAttributes::isDirectory);
    }

    private boolean has(String path, Predicate<BasicFileAttributes> kind) throws FirstBootException {
        Path file = Path.of(path);
        try (Opened opened = openDirectoryOf(file)) {
            return kind.test(attributes(opened.last(), file.getFileName()));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return false;
        } catch (IOException e) {
            // An error must not be taken for a missing file: another format would be chosen.
            throw failed("look for", path, e);
        }
    }

    /**
     * Returns the file's content, or null if it does not exist.
     *
     * @throws FirstBootException if it is not a regular file, or is larger than 128 KiB
     */
    byte[] read(String path) throws FirstBootException {
        Path file = Path.of(path);
        try (Opened opened = openDirectoryOf(file)) {
            requireRegular(path, attributes(opened.last(), file.getFileName()));
            try (SeekableByteChannel channel = opened.last().newByteChannel(file.getFileName(),
                    Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
                ByteBuffer content = ByteBuffer.allocate(MAX_FILE_SIZE + 1);
                while (content.hasRemaining() && channel.read(content) >= 0) {
                    // Read to the end.
                }
                if (content.position() > MAX_FILE_SIZE) {
                    throw FirstBootException.image("cannot read " + path + " in the image: it is larger than 128 KiB");
                }
                return Arrays.copyOf(content.array(), content.position());
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return null;
        } catch (IOException e) {
            throw failed("read", path, e);
        }
    }

    private static void requireRegular(String path, BasicFileAttributes attributes) throws FirstBootException {
        if (!attributes.isRegularFile()) {
            throw FirstBootException.image("cannot use " + path + " in the image: it is " + (attributes.isSymbolicLink() ? "a symbolic link"
                    : "not a regular file") + "; remove it first");
        }
    }

    /**
     * Returns the permissions of the existing file. A new file is accessible only to its owner, because it may contain hashes. Has no
     * effect on FAT.
     */
    private static Set<PosixFilePermission> permissions(SecureDirectoryStream<Path> directory, Path name) throws IOException {
        try {
            return directory.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes()
                    .permissions();
        } catch (NoSuchFileException e) {
            return PosixFilePermissions.fromString(name.toString().endsWith(".sh") ? "rwx------" : "rw-------");
        }
    }

    /** Replaces the file's content atomically: an incomplete file is never visible. */
    public void replace(String path, byte[] content) throws FirstBootException {
        Path file = Path.of(path);
        Path draft = Path.of(".piimages-" + Long.toHexString(System.nanoTime()));
        try (Opened opened = openDirectoryOf(file)) {
            try (SeekableByteChannel channel = opened.last().newByteChannel(draft,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(permissions(opened.last(), file.getFileName())))) {
                ByteBuffer buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                ((FileChannel) channel).force(true);
                opened.last().move(draft, opened.last(), file.getFileName());
            } catch (IOException | RuntimeException e) {
                discard(opened.last(), draft, e);
                throw e;
            }
        } catch (IOException e) {
            throw failed("write", path, e);
        }
    }

    /** Removes a draft, which may not exist; an error is only added to the original one, which is the one to report. */
    private static void discard(SecureDirectoryStream<Path> directory, Path draft, Exception why) {
        try {
            directory.deleteFile(draft);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /** Removes a file if it exists. */
    void delete(String path) throws FirstBootException {
        Path file = Path.of(path);
        try (Opened opened = openDirectoryOf(file)) {
            opened.last().deleteFile(file.getFileName());
        } catch (NoSuchFileException e) {
            // There is nothing to remove.
        } catch (IOException e) {
            throw failed("remove", path, e);
        }
    }

    private static FirstBootException failed(String verb, String path, IOException why) {
        String reason = reason(why);
        return FirstBootException.image("cannot " + verb + " " + path + " in the image: " + reason);
    }

    /** Returns the reason of an error. Java's exception classes for specific errors have only the file name as message. */
    private static String reason(IOException why) {
        if (why instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (why instanceof NoSuchFileException || why instanceof NotDirectoryException) {
            return "no such directory";
        }
        return why instanceof FileSystemException system && system.getReason() != null ? system.getReason()
                : String.valueOf(why.getMessage());
    }
}
