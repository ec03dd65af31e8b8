package org.example.piimages.firstboot;

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

/**
 * The files below a folder, by relative names. Whoever made the image chose every name and every link in it: each name is looked up in the
 * folder that is open (openat(2)), and no symbolic link is followed.
 */
final class Folder {

    /** Of files that people and setup tools write; what a reader of YAML makes of more would not fit into piimagesctl's memory. */
    static final int LIMIT = 128 << 10;

    private final Path top;

    Folder(Path top) {
        this.top = top;
    }

    /** A folder that is open, and those above it. */
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

    // What is opened is closed with all of them.
    @SuppressWarnings("StreamResourceLeak")
    private Opened openFolderOf(Path path) throws IOException {
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
     * Opens a folder in the last one. The kernel would wait for whoever writes to a FIFO of that name, which "NAME/." opens as little as
     * anything else that is no folder; it follows links, so that what was opened is compared with what the name is.
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

    private static BasicFileAttributes attributes(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        return folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes();
    }

    /** Whether there is a regular file of that name, reached by no link. */
    boolean hasFile(String path) throws FirstBootException {
        return has(path, BasicFileAttributes::isRegularFile);
    }

    /** Whether there is a folder of that name, reached by no link. */
    boolean hasFolder(String path) throws FirstBootException {
        return has(path, BasicFileAttributes::isDirectory);
    }

    private boolean has(String path, Predicate<BasicFileAttributes> kind) throws FirstBootException {
        Path file = Path.of(path);
        try (Opened opened = openFolderOf(file)) {
            return kind.test(attributes(opened.last(), file.getFileName()));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return false;
        } catch (IOException e) {
            // Not to be taken for a file that is missing: the format would be another one.
            throw failed("look for", path, e);
        }
    }

    /** The content, or null where there is no such file. Throws {@link FirstBootException} for a link, or over 128 KiB. */
    byte[] read(String path) throws FirstBootException {
        Path file = Path.of(path);
        try (Opened opened = openFolderOf(file)) {
            requireRegular(path, attributes(opened.last(), file.getFileName()));
            try (SeekableByteChannel channel = opened.last().newByteChannel(file.getFileName(),
                    Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
                ByteBuffer content = ByteBuffer.allocate(LIMIT + 1);
                while (content.hasRemaining() && channel.read(content) >= 0) {
                    // On to its end.
                }
                if (content.position() > LIMIT) {
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

    /** Those of the file that is there; a new one is its owner's alone, for it may have hashes. On FAT all of that is nothing. */
    private static Set<PosixFilePermission> permissions(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            return folder.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS).readAttributes()
                    .permissions();
        } catch (NoSuchFileException e) {
            return PosixFilePermissions.fromString(name.toString().endsWith(".sh") ? "rwx------" : "rw-------");
        }
    }

    /** Puts the content in the place of what is there, at once: there is never half a file. */
    void replace(String path, byte[] content) throws FirstBootException {
        Path file = Path.of(path);
        Path draft = Path.of(".piimages-" + Long.toHexString(System.nanoTime()));
        try (Opened opened = openFolderOf(file)) {
            try (SeekableByteChannel channel = opened.last().newByteChannel(draft,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(permissions(opened.last(), file.getFileName())))) {
                ByteBuffer left = ByteBuffer.wrap(content);
                while (left.hasRemaining()) {
                    channel.write(left);
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

    /** Removes a draft, which may not be there; what went wrong first is what people are to read. */
    private static void discard(SecureDirectoryStream<Path> folder, Path draft, Exception why) {
        try {
            folder.deleteFile(draft);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    /** Removes a file, if it is there. */
    void delete(String path) throws FirstBootException {
        Path file = Path.of(path);
        try (Opened opened = openFolderOf(file)) {
            opened.last().deleteFile(file.getFileName());
        } catch (NoSuchFileException e) {
            // It is as it is to be.
        } catch (IOException e) {
            throw failed("remove", path, e);
        }
    }

    private static FirstBootException failed(String verb, String path, IOException why) {
        String reason = reason(why);
        return FirstBootException.image("cannot " + verb + " " + path + " in the image: " + reason);
    }

    /** Java has names alone in the messages of those that it has classes for. */
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
