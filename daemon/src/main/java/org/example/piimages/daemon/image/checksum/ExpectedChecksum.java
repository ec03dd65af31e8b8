package org.example.piimages.daemon.image.checksum;

/**
 * The expected checksum of a download or of the image in it.
 *
 * @param digest lower-case hexadecimal digits
 * @param target the file that it is the checksum of, as far as known
 * @param source the origin of the checksum, for messages
 */
public record ExpectedChecksum(HashFunction function, String digest, Target target, String source) {

    /** The file that has the checksum. */
    public enum Target {
        /** The file as it was downloaded. */
        DOWNLOAD,
        /** The image in it. */
        IMAGE,
        /** Either of them: no name was given, or another one. No third file has the checksum of one of these two. */
        EITHER
    }
}
