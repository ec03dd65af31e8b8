package org.example.piimages.build;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.example.piimages.build.cache.Cache;

/**
 * What to build, and how.
 *
 * @param pifile the recipe, as it was named
 * @param cache where steps and downloads are kept
 * @param useCache whether steps that the cache knows are left out
 * @param lastLine the line of the recipe after which to stop; 0 for its end
 * @param sha256 what FROM's file is compared with; null for the checksums beside it
 * @param osList a list of operating systems that has the checksum of what FROM downloads, a file or an address; null for none
 * @param verify whether it is compared with anything
 * @param shellOnError whether the user, who is at a terminal, gets a shell in the image when a step has failed
 * @param isDryRun whether to tell what would be done, and do nothing
 * @param progress is told of each step, in a line
 */
public record BuildRequest(Path pifile, Cache cache, boolean useCache, int lastLine, String sha256, String osList, boolean verify,
        boolean shellOnError, boolean isDryRun, Consumer<String> progress) {
}
