package org.example.piimages.build;

import java.nio.file.Path;

/**
 * What a build has made.
 *
 * @param file the image
 * @param done how many steps were done
 * @param cached how many were not, as the cache knew what they make
 * @param isUnchanged whether the file is as an earlier build has made it, and was left alone
 */
public record BuildResult(Path file, int done, int cached, boolean isUnchanged) {
}
