package org.example.piimages.build.fetch;

import java.nio.file.Path;

/**
 * What is fetched.
 *
 * @param address where from
 * @param file the file to create
 * @param size how many bytes are downloaded in all; 0 where nobody knows
 * @param state in words, what the cache has of it
 * @param isUnpacked whether it is unpacked
 * @param isVerified whether it is compared with something
 * @param comparedWith in words, with what
 */
public record FetchPlan(String address, Path file, long size, String state, boolean isUnpacked, boolean isVerified, String comparedWith) {
}
