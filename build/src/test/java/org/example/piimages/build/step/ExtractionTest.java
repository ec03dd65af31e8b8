package org.example.piimages.build.step;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.example.piimages.build.FakeImages;
import org.example.piimages.build.image.Archive;
import org.example.piimages.build.image.RootDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExtractionTest {

    private static final int MODE = 0750;

    @TempDir
    Path directory;

    @Test
    void unpacksElsewhereIfImageIsOnFat() throws Exception {
        Path tree = Files.createDirectory(directory.resolve("tree"));
        RootDirectory.setMode(Files.createFile(tree.resolve("file")), MODE);
        Path archive = Archive.pack(tree, directory);
        Path root = Files.createDirectory(directory.resolve("root"));
        Path scratch = Files.createDirectory(directory.resolve("scratch"));
        // Nothing can be created beside this image.
        Draft draft = new Draft(new FakeImages(root), directory.resolve("none/pi.img"), 0, scratch);
        draft.preservesFiles = false;
        new Extraction(archive, "/").perform(draft);
        assertEquals(MODE, RootDirectory.mode(root.resolve("file")));
        try (Stream<Path> left = Files.list(scratch)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
