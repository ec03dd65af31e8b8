package org.example.piimages.build.download;

import org.example.piimages.build.cache.Cache;

/**
 * The parameters of a download.
 *
 * @param cache the cache that the download is stored in
 * @param needsChecksumFile whether the download fails if there is no checksum file beside it
 * @param size the expected size in bytes; 0 if unknown
 * @param sha256 the SHA-256 that is verified during the download, in lower case; null for none
 * @param progress the listener for the progress
 */
public record DownloadRequest(Cache cache, boolean needsChecksumFile, long size, String sha256, DownloadProgress progress) {
}
