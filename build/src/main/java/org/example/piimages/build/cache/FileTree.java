package org.example.piimages.build.cache;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Operations on files and directory trees. */
public final class FileTree {

    private FileTree() {
    }

    /** Deletes a file or a directory tree; does nothing if it does not exist. */
    public static void delete(Path top) throws IOException {
        try {
            if (Files.isDirectory(top, LinkOption.NOFOLLOW_LINKS)) {
                if (!Files.isWritable(top) || !Files.isReadable(top) || !Files.isExecutable(top)) {
                    // A directory from an archive may lack these permissions.
                    Files.setPosixFilePermissions(top, PosixFilePermissions.fromString("rwx------"));
                }
                try (DirectoryStream<Path> files = Files.newDirectoryStream(top)) {
                    for (Path file : files) {
                        delete(file);
                    }
                }
            }
            Files.deleteIfExists(top);
        } catch (NoSuchFileException e) {
            // Another process has deleted it.
        }
    }
}
