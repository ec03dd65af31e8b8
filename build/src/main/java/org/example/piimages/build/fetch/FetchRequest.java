package org.example.piimages.build.fetch;

import java.util.List;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.download.DownloadProgress;

/**
 * The parameters of the command fetch.
 *
 * @param source the file or URL of a list of operating systems, or the URL of an image or packed image
 * @param words the arguments after it, all optional: the name of an entry if the source is a list; then the file to create
 * @param cache the cache for downloads
 * @param sha256 the expected SHA-256 of the download or of the image in it; null to use the published one
 * @param verify whether a checksum is verified at all
 * @param keepPacked whether the download is stored without unpacking it
 * @param progress the listener for the progress
 */
public record FetchRequest(String source, List<String> words, Cache cache, String sha256, boolean verify, boolean keepPacked,
        DownloadProgress progress) {
}
