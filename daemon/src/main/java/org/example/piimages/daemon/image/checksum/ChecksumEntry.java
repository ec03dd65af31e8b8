package org.example.piimages.daemon.image.checksum;

import java.util.List;
import java.util.Optional;

/**
 * What one line of a checksum file says.
 *
 * @param function empty for one that is not known here
 * @param digest lower-case hexadecimal digits
 * @param name of the file it is about, as it stands there, escapes undone; empty where none does
 */
record ChecksumEntry(Optional<HashFunction> function, String digest, String name) {

    boolean hasName() {
        return !name.isEmpty();
    }

    /** Whether it is about one of these, in whatever folder; paths are written as on Linux or on Windows. */
    boolean isOf(List<String> files) {
        return isHere(files) || files.contains(name.substring(name.lastIndexOf('/') + 1))
                || files.contains(name.substring(name.lastIndexOf('\\') + 1));
    }

    /** Whether it is about one of these in the folder of the list itself. */
    boolean isHere(List<String> files) {
        return files.contains(name.startsWith("./") ? name.substring(2) : name);
    }

    ChecksumEntry named(String other) {
        return new ChecksumEntry(function, digest, other);
    }
}
