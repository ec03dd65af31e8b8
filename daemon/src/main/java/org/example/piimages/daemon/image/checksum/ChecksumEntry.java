package org.example.piimages.daemon.image.checksum;

import java.util.List;
import java.util.Optional;

/**
 * An entry of a checksum file.
 *
 * @param function the hash function; empty if unknown
 * @param digest lower-case hexadecimal digits
 * @param name the file name in the entry, unescaped; empty if there is none
 */
record ChecksumEntry(Optional<HashFunction> function, String digest, String name) {

    boolean hasName() {
        return !name.isEmpty();
    }

    /** Whether the entry is for one of the files, in any directory; both slashes and backslashes separate directories. */
    boolean isFor(List<String> files) {
        return isForSameDirectory(files) || files.contains(name.substring(name.lastIndexOf('/') + 1))
                || files.contains(name.substring(name.lastIndexOf('\\') + 1));
    }

    /** Whether the entry is for one of the files in the same directory as the list. */
    boolean isForSameDirectory(List<String> files) {
        return files.contains(name.startsWith("./") ? name.substring(2) : name);
    }

    ChecksumEntry named(String other) {
        return new ChecksumEntry(function, digest, other);
    }
}
