package org.example.piimages.build.fetch;

import java.util.List;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.download.DownloadProgress;

/**
 * What to fetch, and how.
 *
 * @param source a list of operating systems, a file or an address; or the address of an image or a packed one
 * @param words what was named after it: of a list, the name of an entry; then the file to create. All may be missing
 * @param cache where downloads are kept
 * @param sha256 what the download, or the image in it, is compared with; null for what is published
 * @param verify whether it is compared with anything
 * @param keepPacked whether it stays packed
 * @param progress hears how it gets on
 */
public record FetchRequest(String source, List<String> words, Cache cache, String sha256, boolean verify, boolean keepPacked,
        DownloadProgress progress) {
}
