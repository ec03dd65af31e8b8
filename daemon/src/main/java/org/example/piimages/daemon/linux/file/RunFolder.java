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
 * What is ours below /run/piimages: folders that root alone writes to, and small records.
 *
 * <table>
 * <caption>Layout</caption>
 * <tr><td>images/ID</td><td>a mounted image; written before its first mount, removed after its last</td></tr>
 * <tr><td>lingering/ID</td><td>an image that was unmounted lazily, until its loop devices are free</td></tr>
 * <tr><td>mnt/UID/NAME</td><td>where a user sees it; UID lets that user in and nobody else</td></tr>
 * <tr><td>machines/NAME/</td><td>a machine: record, root and boot (mount points), result</td></tr>
 * <tr><td>loops/loopN</td><td>see {@code LoopMarkers}</td></tr>
 * <tr><td>trial/</td><td>the image of a machine that is started as a trial, while it runs</td></tr>
 * <tr><td>drafts/ID</td><td>see {@link DraftRecord}</td></tr>
 * <tr><td>offline/MAJOR:MINOR</td><td>a card reader that was taken offline while a removed card is cut off</td></tr>
 * <tr><td>unreadable/…</td><td>records that a daemon could not read at its start</td></tr>
 * <tr><td>interpreters/NAME</td><td>a binfmt_misc entry that the daemon registered</td></tr>
 * </table>
 */
public final class RunFolder {

    /** Everything else is below it. Tests that must not meet an installed daemon give it another place. */
    public static final Path ROOT = Path.of(System.getProperty("piimages.run", "/run/piimages"));

    /** What a file's name ends with while it is being written; it begins with a dot then. */
    private static final String DRAFT = ".new";

    private RunFolder() {
    }

    /** Makes a folder for root alone, and its parents for all to pass. */
    public static void createPrivate(Path folder) throws IOException {
        Files.createDirectories(folder.getParent());
        try {
            Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            // Also after a crash: its owner and mode are ours already.
        }
    }

    /**
     * Makes the folder in which a user finds their mounts: root's, with an access list that lets this user look, acl(5). The user cannot
     * rename or remove what is in it, so the paths below stay what the daemon made them.
     */
    public static Path createForUser(int uid) throws IOException {
        Path folder = ROOT.resolve("mnt").resolve(Integer.toUnsignedString(uid));
        createPrivate(folder);
        if (uid != 0) {
            byte[] acl = AccessList.ofFolder(uid);
            try {
                Libc.call("setxattr", folder.toString(), "system.posix_acl_access", acl, acl.length, 0);
            } catch (ErrnoException e) {
                removeIfEmpty(folder);
                throw new Failure(e.errno() == Errno.EOPNOTSUPP ? Failure.Kind.UNSUPPORTED : Failure.Kind.FAILED,
                        "cannot grant the user access to " + folder + " with an access control list: " + e.reason(), e);
            }
        }
        return folder;
    }

    /** Makes a folder for root alone, of that name, or with a number behind it where there is one already. */
    public static Path createFirstFree(Path parent, String name) throws IOException {
        for (int suffix = 1;; suffix++) {
            try {
                return Files.createDirectory(parent.resolve(suffix == 1 ? name : name + "-" + suffix),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                // Something else of the same name.
            }
        }
    }

    /** Removes a record or marker; one that is gone is what was wanted. */
    public static void remove(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    /** Removes an empty folder; one that is gone or not empty stays as it is. */
    public static void removeIfEmpty(Path folder) {
        folder.toFile().delete();
    }

    /** Writes a record whole or not at all: to a file beside it, then renamed. Root alone can read it. */
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

    /** Removes the drafts that a daemon which was killed left in a folder: those of files whose names begin with the text. */
    public static void removeDrafts(Path folder, String beginning) throws IOException {
        if (Files.isDirectory(folder)) {
            try (var drafts = Files.newDirectoryStream(folder, "." + beginning + "*" + DRAFT)) {
                for (Path draft : drafts) {
                    Files.deleteIfExists(draft);
                }
            }
        }
    }

    /** Writes a file that is there, or makes it; Java does not tell which file it could not write to. */
    public static void writeText(Path file, String text) throws IOException {
        try {
            Files.writeString(file, text);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            throw new FileSystemException(file.toString(), null, e.getMessage());
        }
    }

    /** Reads a record; empty when there is none. Throws IllegalArgumentException or IOException for one that is no record. */
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
     * An entry of a record that must be there.
     *
     * @throws IllegalArgumentException when it is not: somebody else wrote the record, or an older daemon
     */
    public static String require(Properties record, String key) {
        String value = record.getProperty(key);
        if (value == null) {
            throw new IllegalArgumentException("it has no entry " + key);
        }
        return value;
    }

    /** A whole number of a record, zero or more; throws IllegalArgumentException as {@link #require}. */
    public static int requireCount(Properties record, String key, int most) {
        int count = Integer.parseInt(require(record, key));
        if (count < 0 || count > most) {
            throw new IllegalArgumentException("its entry " + key + " is " + count);
        }
        return count;
    }

    /**
     * Puts a record that nobody can read where it is in nobody's way, for whoever wants to look at it: /run/piimages/unreadable. The one
     * before it of the same name is lost.
     */
    public static Path setAside(Path record) throws IOException {
        Path aside = ROOT.resolve("unreadable").resolve(ROOT.relativize(record).toString().replace('/', '-'));
        createPrivate(aside.getParent());
        return Files.move(record, aside, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The entries of a folder that are not drafts; none when there is no such folder. */
    public static List<Path> entries(Path folder) throws IOException {
        List<Path> entries = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (var stream = Files.newDirectoryStream(folder, entry -> !entry.getFileName().toString().startsWith("."))) {
                stream.forEach(entries::add);
            }
        }
        return entries;
    }

    /** Writes a small file that root alone may read, whole or not at all. */
    public static void writePrivate(Path file, String text) throws IOException {
        write(file, text, "rw-------");
    }

    /** Writes a small file that all may read, whole or not at all: for what is bound over files in a machine. */
    public static void writePublic(Path file, String text) throws IOException {
        write(file, text, "rw-r--r--");
    }

    /** Writes small files that all may read to a new folder, by their names there; a name may have folders before it. */
    public static void writePublicTree(Path folder, Map<String, String> files) throws IOException {
        Set<PosixFilePermission> open = PosixFilePermissions.fromString("rwxr-xr-x");
        Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(open));
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            Files.createDirectories(path.getParent(), PosixFilePermissions.asFileAttribute(open));
            writePublic(path, file.getValue());
        }
    }

    /** Copies a program of the host's, by a path that no user can change a part of; all may execute the copy. */
    public static void copyProgram(Path program, Path copy) throws IOException {
        Files.copy(program, copy);
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Removes a folder and what is in it, but nothing of another filesystem: what is mounted in it makes it fail. */
    public static void removeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (var stream = Files.newDirectoryStream(folder)) {
            for (Path entry : stream) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && device(entry).equals(device(folder))) {
                    removeFolder(entry);
                } else {
                    Files.deleteIfExists(entry);
                }
            }
        }
        Files.deleteIfExists(folder);
    }

    private static Object device(Path path) throws IOException {
        return Files.getAttribute(path, "unix:dev", LinkOption.NOFOLLOW_LINKS);
    }
}
