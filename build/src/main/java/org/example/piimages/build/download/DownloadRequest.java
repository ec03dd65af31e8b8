package org.example.piimages.build.download;

import org.example.piimages.build.cache.Cache;

/**
 * How something is downloaded.
 *
 * @param cache where it is kept
 * @param needsChecksumFile whether it is refused where no checksum file lies beside it
 * @param size how many bytes it has to have; 0 where nobody knows
 * @param sha256 what it is compared with while it comes, in lower case; null for nothing
 * @param progress hears how it gets on
 */
public record DownloadRequest(Cache cache, boolean needsChecksumFile, long size, String sha256, DownloadProgress progress) {
}
