package org.example.piimages.cli.service;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;

/** An image file, or the place where one is mounted, as it was named on the command line. */
public final class ImageFile {

    /** What Java puts where an argument's bytes are no UTF-8. */
    /** What Java makes of bytes in an argument that are not UTF-8. */
    public static final char UNDECODABLE = '\ufffd';

    private final Path path;

    private ImageFile(Path path) {
        this.path = path;
    }

    /** Throws {@link CommandFailure} for a name that D-Bus cannot carry. */
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

    /** The absolute path. Symbolic links and ".." are as they were given: the service follows them as the caller. */
    public String path() {
        return path.toString();
    }

    boolean isDirectory() {
        return Files.isDirectory(path);
    }

    /** Whether this is the same directory as another, whatever links lead to it. False where either is not there. */
    boolean isAt(String other) {
        try {
            return !other.isEmpty() && Files.isSameFile(path, Path.of(other));
        } catch (IOException e) {
            return false;
        }
    }
}
