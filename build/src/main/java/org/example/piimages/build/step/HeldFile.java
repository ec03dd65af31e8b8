package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.image.HostTool;

/** Copies files that may change before a build reads them. */
final class HeldFile {

    private HeldFile() {
    }

    /** Copies a file or directory tree to a new subdirectory of {@code folder}, and returns the copy, which has the same name. */
    static Path copy(Path file, Path folder) throws IOException {
        Path copy = Files.createTempDirectory(folder, "held").resolve(file.getFileName());
        HostTool.run(List.of("cp", "--archive", "--reflink=auto", "--no-target-directory", "--", file.toString(), copy.toString()));
        return copy;
    }
}
