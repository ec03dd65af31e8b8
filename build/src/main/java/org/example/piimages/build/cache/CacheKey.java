package org.example.piimages.build.cache;

import java.nio.file.Path;

/** The key of a state or of a download, which names the files of the cache that belong to it. */
final class CacheKey {

    private CacheKey() {
    }

    /** Returns the name of the file without its suffix. */
    static String of(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot < 0 ? name : name.substring(0, dot);
    }

    /** Returns whether a key names the file: the cache ignores other files in its directories. */
    static boolean names(Path file) {
        return of(file).matches("[0-9a-f]{64}");
    }
}
