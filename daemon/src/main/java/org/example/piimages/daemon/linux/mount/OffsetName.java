package org.example.piimages.daemon.linux.mount;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.process.Command;

/**
 * A name for a filesystem at an offset in a tool's input, for tools of e2fsprogs that require a file of exactly that name, including
 * "?offset=": dumpe2fs since 1.47.2. The name consists of the path of a link to the input and the offset; an empty file of the whole name
 * exists beside the link.
 */
public final class OffsetName implements Closeable {

    private static final Path PLACE = RunDirectory.ROOT.resolve("offsets");
    private static final String LINK = "filesystem";

    private final Path directory;
    private final String text;

    private OffsetName(Path directory, String text) {
        this.directory = directory;
        this.text = text;
    }

    /** Creates the name, which is valid until it is closed. The offset is that of the first byte of the filesystem. */
    public static OffsetName of(long offset) throws IOException {
        Files.createDirectories(PLACE);
        Path directory = RunDirectory.createFirstFree(PLACE, "input");
        OffsetName name = new OffsetName(directory, directory.resolve(LINK) + "?offset=" + offset);
        try (Undo undo = new Undo()) {
            undo.add("remove " + directory, name::close);
            Files.createFile(Path.of(name.text));
            Files.createSymbolicLink(directory.resolve(LINK), Path.of(Command.INPUT));
            // All users may enter the directory, because the tool runs as any of them; it contains nothing to be read.
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
            undo.commit();
        }
        return name;
    }

    /** Removes the names that previous daemons left. */
    public static void sweep() throws IOException {
        RunDirectory.removeDirectory(PLACE);
    }

    /** The file name to pass to the tool. */
    public String text() {
        return text;
    }

    @Override
    public void close() throws IOException {
        RunDirectory.removeDirectory(directory);
    }
}
