package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.build.image.HostTool;

/** Copies files that may change before a build reads them. */
final class FileCopy {

    private FileCopy() {
    }

    /**
     * Copies a file, a directory tree or a symbolic link to a new subdirectory of {@code directory}, with all of its permissions, and
     * returns the copy, which has the same name.
     */
    static Path tree(Path file, Path directory) throws IOException {
        // Without permission to change the owner, cp would also drop the set-user-ID bit of a file of another user.
        return copy(file, directory, List.of("--archive", "--no-preserve=ownership"));
    }

    /** Copies the content of a file, or of the one that a symbolic link refers to; otherwise like {@link #tree}. */
    static Path content(Path file, Path directory) throws IOException {
        return copy(file, directory, List.of("--dereference"));
    }

    private static Path copy(Path file, Path directory, List<String> options) throws IOException {
        Path copy = Files.createTempDirectory(directory, "held").resolve(file.getFileName());
        List<String> command = new ArrayList<>(List.of("cp"));
        command.addAll(options);
        command.addAll(List.of("--reflink=auto", "--no-target-directory", "--", file.toString(), copy.toString()));
        HostTool.run(command);
        return copy;
    }
}
