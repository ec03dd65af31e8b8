package org.example.piimages.build;

import java.nio.file.Path;

/**
 * What a build has made.
 *
 * @param file the image
 * @param done how many steps were done
 * @param cached how many were not, as the cache knew what they make
 */
public record BuildResult(Path file, int done, int cached) {
}
