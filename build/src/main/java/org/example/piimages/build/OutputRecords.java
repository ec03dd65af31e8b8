package org.example.piimages.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.example.piimages.build.cache.Fingerprint;

/** Which file was made of which state of an image. One that nobody has touched since need not be made again. */
final class OutputRecords {

    private final Path folder;

    /** Those that this folder has notes of. */
    OutputRecords(Path folder) {
        this.folder = folder;
    }

    private Path note(Path file) {
        return folder.resolve(new Fingerprint().add(file.toString()).text());
    }

    private static String state(Path file, String key) throws IOException {
        return key + " " + new Fingerprint().addVersion(file).text();
    }

    /** Whether a file is what was made of this state, unchanged. */
    boolean isStill(Path file, String key) {
        try {
            return Files.isRegularFile(file) && Files.exists(note(file)) && Files.readString(note(file)).equals(state(file, key));
        } catch (IOException e) {
            return false;
        }
    }

    /** Notes that a file was made of this state just now. */
    void made(Path file, String key) {
        try {
            Path part = folder.resolve("." + UUID.randomUUID());
            Files.writeString(part, state(file, key));
            Files.move(part, note(file), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Then it is made once more.
        }
    }
}
