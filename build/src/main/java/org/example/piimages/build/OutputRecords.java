package org.example.piimages.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.example.piimages.build.cache.Fingerprint;

/** Records from which state of an image each output file was made, so that a file that has not changed since need not be made again. */
final class OutputRecords {

    private final Path directory;

    /** Creates an object that stores the records in this directory. */
    OutputRecords(Path directory) {
        this.directory = directory;
    }

    private Path recordFile(Path file) {
        return directory.resolve(new Fingerprint().add(file.toString()).text());
    }

    private static String state(Path file, String key) throws IOException {
        return key + " " + new Fingerprint().addVersion(file).text();
    }

    /** Returns whether a file was made from this state and has not changed since. */
    boolean isCurrent(Path file, String key) {
        try {
            return Files.isRegularFile(file) && Files.exists(recordFile(file))
                    && Files.readString(recordFile(file)).equals(state(file, key));
        } catch (IOException e) {
            return false;
        }
    }

    /** Records that a file was just made from this state. */
    void record(Path file, String key) {
        try {
            Path part = directory.resolve("." + UUID.randomUUID());
            Files.writeString(part, state(file, key));
            Files.move(part, recordFile(file), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            // Not fatal: the next build makes the file again.
        }
    }
}
