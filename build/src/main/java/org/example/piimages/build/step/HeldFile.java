package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.image.HostTool;

/** Copies of files that may change before they are read. */
final class HeldFile {

    private HeldFile() {
    }

    /** A copy of a file, or of a folder with what is in it, of the same name in a new folder in this one. */
    static Path copy(Path file, Path folder) throws IOException {
        Path copy = Files.createTempDirectory(folder, "held").resolve(file.getFileName());
        HostTool.run(List.of("cp", "--archive", "--reflink=auto", "--no-target-directory", "--", file.toString(), copy.toString()));
        return copy;
    }
}
