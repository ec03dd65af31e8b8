package org.example.piimages.build;

import java.nio.file.Path;

/**
 * The result of a build.
 *
 * @param file the image
 * @param done the number of steps that were executed
 * @param cached the number of steps that were skipped because their result is in the cache
 * @param isUnchanged whether the file of an earlier build was up to date and left unchanged
 */
public record BuildResult(Path file, int done, int cached, boolean isUnchanged) {
}
