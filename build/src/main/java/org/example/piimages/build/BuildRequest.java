package org.example.piimages.build;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.example.piimages.build.cache.Cache;

/**
 * The parameters of a build.
 *
 * @param pifile the recipe, as the user specified it
 * @param cache the cache for steps and downloads
 * @param useCache whether steps that are in the cache are skipped
 * @param lastLine the line of the recipe after which to stop; 0 for its end
 * @param sha256 the expected SHA-256 of the file in FROM; null to use the checksum files beside it
 * @param osList the file or URL of a list of operating systems that has the checksum of the download in FROM; null for none
 * @param verify whether the checksum is verified at all
 * @param shellOnError whether to start a shell in the image on the user's terminal if a step fails
 * @param isDryRun whether only to report what would be done
 * @param progress receives one line per step
 */
public record BuildRequest(Path pifile, Cache cache, boolean useCache, int lastLine, String sha256, String osList, boolean verify,
        boolean shellOnError, boolean isDryRun, Consumer<String> progress) {
}
