package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Libc;

/**
 * The daemon's files below /run/piimages: directories that only root can write to, and small records.
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><td>images/ID</td><td>a mounted image; written before its first mount, removed after its last</td></tr>
 * <tr><td>lingering/ID</td><td>an image that was unmounted lazily, until its loop devices are free</td></tr>
 * <tr><td>mnt/UID/NAME</td><td>its mount point for a user; only that user can enter UID</td></tr>
 * <tr><td>machines/NAME/</td><td>a machine: record, root and boot (mount points), result</td></tr>
 * <tr><td>loops/loopN</td><td>see {@code LoopMarkers}</td></tr>
 * <tr><td>trial/</td><td>the image of a machine that is started as a trial, while it runs</td></tr>
 * <tr><td>drafts/ID</td><td>see {@link DraftRecord}</td></tr>
 * <tr><td>offline/MAJOR:MINOR</td><td>a card reader that was taken offline while a removed card is cut off</td></tr>
 * <tr><td>unreadable/…</td><td>records that a daemon could not read when it started</td></tr>
 * <tr><td>interpreters/NAME</td><td>a binfmt_misc entry that the daemon registered</td></tr>
 * </table>
 */
public final class RunDirectory {

    /** The root of all these files. Tests that must not interfere with an installed daemon set another one. */
    public static final Path ROOT = Path.of(System.getProperty("piimages.run", "/run/piimages"));

    /** The suffix of a file's name while it is being written; the name begins with a dot then. */
    private static final String DRAFT = ".new";

    private RunDirectory() {
    }

    /** Creates a directory that only root can access, and its parents, which all users can pass. */
    public static void createPrivate(Path directory) throws IOException {
        Files.createDirectories(directory.getParent());
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // It may be left from before a crash; its owner and mode are right.
        }
    }

    /**
     * Creates the directory of a user's mount points: it belongs to root, and has an access control list that lets this user list it,
     * acl(5). The user cannot rename or remove its entries, so the paths below remain as the daemon created them.
     *
     * @throws Failure UNSUPPORTED if the filesystem has no access control lists; FAILED if the list cannot be set for another reason
     */
    public static Path createForUser(int uid) throws IOException {
        Path directory = ROOT.resolve("mnt").resolve(Integer.toUnsignedString(uid));
        createPrivate(directory);
        if (uid != 0) {
            byte[] acl = PosixAcl.ofDirectory(uid);
            try {
                Libc.call("setxattr", directory.toString(), "system.posix_acl_access", acl, acl.length, 0);
            } catch (ErrnoException e) {
                removeIfEmpty(directory);
                throw new Failure(e.errno() == Errno.EOPNOTSUPP ? Failure.Kind.UNSUPPORTED : Failure.Kind.FAILED,
                        "cannot grant the user access to " + directory + " with an access control list: " + e.reason(), e);
            }
        }
        return directory;
    }

    /** Creates a directory that only root can access, of the given name, or with a number appended if the name is taken. */
    public static Path createFirstFree(Path parent, String name) throws IOException {
        for (int suffix = 1;; suffix++) {
            try {
                return Files.createDirectory(parent.resolve(suffix == 1 ? name : name + "-" + suffix),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                // The name is taken: try the next number.
            }
        }
    }

    /** Removes a record or marker; no error if it does not exist. */
    public static void remove(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    /** Removes an empty directory; no error if it does not exist or is not empty. */
    public static void removeIfEmpty(Path directory) {
        directory.toFile().delete();
    }

    /** Writes a record atomically: to a file beside it, which is then renamed. Only root can read it. */
    public static void writeRecord(Path file, Properties record) throws IOException {
        createPrivate(file.getParent());
        write(file, RecordText.of(record), "rw-------");
    }

    private static void write(Path file, String text, String permissions) throws IOException {
        Path draft = file.resolveSibling("." + file.getFileName() + DRAFT);
        Files.deleteIfExists(draft);
        try (Undo undo = new Undo()) {
            undo.add("remove " + draft, () -> Files.deleteIfExists(draft));
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            writeText(draft, text);
            Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString(permissions));
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
            undo.commit();
        }
    }

    /** Removes the drafts that a killed daemon left in a directory: those of files whose names begin with {@code beginning}. */
    public static void removeDrafts(Path directory, String beginning) throws IOException {
        if (Files.isDirectory(directory)) {
            try (var drafts = Files.newDirectoryStream(directory, "." + beginning + "*" + DRAFT)) {
                for (Path draft : drafts) {
                    Files.deleteIfExists(draft);
                }
            }
        }
    }

    /** Writes a file, creating it if necessary. Ensures that the exception names the file, unlike Java's own. */
    public static void writeText(Path file, String text) throws IOException {
        try {
            Files.writeString(file, text);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    /** Reads a record; empty if it does not exist. Throws IllegalArgumentException or IOException for an invalid one. */
    public static Optional<Properties> readRecord(Path file) throws IOException {
        try {
            Properties record = new Properties();
            record.load(new StringReader(Files.readString(file)));
            return Optional.of(record);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * Returns a mandatory entry of a record.
     *
     * @throws IllegalArgumentException if it is missing: the record was written by another program or an older daemon
     */
    public static String require(Properties record, String key) {
        String value = record.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("it has no entry " + key);
        }
        return value;
    }

    /**
     * Returns a mandatory entry of a record that is a number from 0 to {@code maximum}; throws IllegalArgumentException if it is missing or
     * not such a number.
     */
    public static int requireCount(Properties record, String key, int maximum) {
        int count = Integer.parseInt(require(record, key));
        if (count < 0 || count > maximum) {
            throw new IllegalArgumentException("its entry " + key + " is " + count);
        }
        return count;
    }

    /**
     * Moves a record that cannot be read to /run/piimages/unreadable, where it can be examined. Replaces a previous one of the same name.
     */
    public static Path setAside(Path record) throws IOException {
        Path aside = ROOT.resolve("unreadable").resolve(ROOT.relativize(record).toString().replace('/', '-'));
        createPrivate(aside.getParent());
        return Files.move(record, aside, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The entries of a directory except drafts; empty if the directory does not exist. */
    public static List<Path> entries(Path directory) throws IOException {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (var stream = Files.newDirectoryStream(directory, entry -> !entry.getFileName().toString().startsWith("."))) {
                stream.forEach(entries::add);
            }
        }
        return entries;
    }

    /** Atomically writes a small file that only root can read. */
    public static void writePrivate(Path file, String text) throws IOException {
        write(file, text, "rw-------");
    }

    /** Atomically writes a small file that all users can read, such as one that is bind-mounted over a file in a machine. */
    public static void writePublic(Path file, String text) throws IOException {
        write(file, text, "rw-r--r--");
    }

    /** Writes small files that all users can read to a new directory. The keys are paths relative to it, whose directories are created. */
    public static void writePublicTree(Path directory, Map<String, String> files) throws IOException {
        Set<PosixFilePermission> open = PosixFilePermissions.fromString("rwxr-xr-x");
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(open));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = directory.resolve(file.getKey());
            Files.createDirectories(path.getParent(), PosixFilePermissions.asFileAttribute(open));
            writePublic(path, file.getValue());
        }
    }

    /** Copies a program of the host, from a path of which no user can change any part; all users may execute the copy. */
    public static void copyProgram(Path program, Path copy) throws IOException {
        Files.copy(program, copy);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Removes a directory recursively, but nothing on other filesystems: fails if something is mounted in it. */
    public static void removeDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var stream = Files.newDirectoryStream(directory)) {
            for (Path entry : stream) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && device(entry).equals(device(directory))) {
                    removeDirectory(entry);
                } else {
                    Files.deleteIfExists(entry);
                }
            }
        }
        Files.deleteIfExists(directory);
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }
}
