package org.example.piimages.cli.service;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;

/** An image file or mount point, as specified on the command line. */
public final class ImageFile {

    /** The character that Java substitutes for bytes of an argument that are not valid UTF-8. */
    public static final char UNDECODABLE = '\ufffd';

    private final Path path;

    private ImageFile(Path path) {
        this.path = path;
    }

    /** Returns the file of an argument. Throws {@link CommandFailure} if the name is empty or not valid UTF-8, which D-Bus requires. */
    public static ImageFile of(File argument) {
        String name = argument.getPath();
        if (name.isEmpty()) {
            throw new CommandFailure(ExitCode.USAGE, "the name of the image is empty");
        }
        if (name.indexOf(UNDECODABLE) >= 0) {
            throw new CommandFailure(ExitCode.USAGE, "cannot use " + name + ": its name is not valid UTF-8; use a symbolic link to it");
        }
        return new ImageFile(argument.toPath().toAbsolutePath());
    }

    /** Returns the absolute path. Symbolic links and ".." are preserved: the service resolves them with the rights of the caller. */
    public String path() {
        return path.toString();
    }

    boolean isDirectory() {
        return Files.isDirectory(path);
    }

    /** Returns whether this is the same directory as another after resolving links; false if either does not exist. */
    boolean isAt(String other) {
        try {
            return !other.isEmpty() && Files.isSameFile(path, Path.of(other));
        } catch (IOException e) {
            return false;
        }
    }
}
