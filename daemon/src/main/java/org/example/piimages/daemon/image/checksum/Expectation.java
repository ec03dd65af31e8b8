package org.example.piimages.daemon.image.checksum;

/**
 * A sum that a download, or what is in it, has to have.
 *
 * @param digest lower-case hexadecimal digits
 * @param of what it is the sum of, as far as was said
 * @param source where it was said, for a message
 */
public record Expectation(HashFunction function, String digest, Of of, String source) {

    /** What has a sum. */
    public enum Of {
        /** The file as it was downloaded. */
        DOWNLOAD,
        /** The image in it. */
        IMAGE,
        /** One of them: no name was given, or another one. No third file has the sum of one of these two. */
        EITHER
    }
}
