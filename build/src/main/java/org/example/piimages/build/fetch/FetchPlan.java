package org.example.piimages.build.fetch;

import java.nio.file.Path;

/**
 * A description of what will be downloaded.
 *
 * @param address the URL
 * @param file the file to create
 * @param size the size of the complete download in bytes; 0 if unknown
 * @param state whether the cache has the download, as a text
 * @param isUnpacked whether the download is unpacked
 * @param isVerified whether a checksum is verified
 * @param comparedWith the origin of the checksum, as a text
 */
public record FetchPlan(String address, Path file, long size, String state, boolean isUnpacked, boolean isVerified, String comparedWith) {
}
