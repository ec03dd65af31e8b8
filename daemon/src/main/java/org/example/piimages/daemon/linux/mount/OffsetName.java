package org.example.piimages.daemon.linux.mount;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.process.Command;

/**
 * A name for a filesystem that lies within a tool's input, for tools of e2fsprogs that want a file of that very name, "?offset=" included:
 * dumpe2fs since 1.47.2. It names a link to the input, and an empty file lies beside the link.
 */
public final class OffsetName implements Closeable {

    private static final Path PLACE = RunFolder.ROOT.resolve("offsets");
    private static final String LINK = "filesystem";

    private final Path folder;
    private final String text;

    private OffsetName(Path folder, String text) {
        this.folder = folder;
        this.text = text;
    }

    /** Makes the name; it is good until it is closed. The offset is the filesystem's first byte. */
    public static OffsetName of(long offset) throws IOException {
        Files.createDirectories(PLACE);
        Path folder = RunFolder.createFirstFree(PLACE, "input");
        OffsetName name = new OffsetName(folder, folder.resolve(LINK) + "?offset=" + offset);
        try (Undo undo = new Undo()) {
            undo.add("remove " + folder, name::close);
            Files.createFile(Path.of(name.text));
            Files.createSymbolicLink(folder.resolve(LINK), Path.of(Command.INPUT));
            // For whoever's rights the tool has: nothing is there to be read.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
            undo.commit();
        }
        return name;
    }

    /** Removes the names of daemons before this one. */
    public static void sweep() throws IOException {
        RunFolder.removeFolder(PLACE);
    }

    /** What the tool is given for a file. */
    public String text() {
        return text;
    }

    @Override
    public void close() throws IOException {
        RunFolder.removeFolder(folder);
    }
}
