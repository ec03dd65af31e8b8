package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.OpenFlags;

/** Lists a directory with a user's access rights. */
public final class DirectoryNames {

    private DirectoryNames() {
    }

    /**
     * Returns the names of the entries that match {@code wanted} and are not directories, in no particular order; one more than {@code
     * most} if there are more than that. A name that is not UTF-8 is returned altered.
     *
     * @throws ErrnoException as open(2) of the directory as this user
     */
    public static List<String> of(String directory, Credentials credentials, Predicate<String> wanted, int maximum) throws IOException {
        try {
            return CallerThread.as(credentials, () -> list(directory, wanted, maximum));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Opens the directory for reading, which requires the permission to list it; as the user, because some FUSE filesystems only admit
     * their owner.
     */
    private static List<String> list(String directory, Predicate<String> wanted, int maximum) throws ErrnoException {
        List<String> names = new ArrayList<>();
        try (Fd opened = Lookup.path(directory, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
                DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(opened.procPath() + "/."))) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (names.size() <= maximum && wanted.test(name) && !Files.isDirectory(entry)) {
                    names.add(name);
                }
            }
            return names;
        } catch (ErrnoException e) {
            throw e;
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException(e.getCause());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
