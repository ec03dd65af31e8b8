package org.example.piimages.daemon.image.care.packing;

import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.checksum.PublishedSums;

/**
 * The checksums that a download is compared with, selected by the caller.
 *
 * @param published the checksums from the caller; never null, empty if there are none
 * @param usesChecksumFiles whether to use the checksum files next to the download instead
 */
public record ChecksumPolicy(PublishedSums published, boolean usesChecksumFiles) {

    /**
     * Returns the policy for the options of a method call.
     *
     * @param sha256 the expected checksum, used instead of checksum files
     * @param unverified whether to compare with no checksum
     * @throws Failure INVALID_ARGUMENT if both are given, or the checksum is malformed
     */
    public static ChecksumPolicy of(Optional<String> sha256, boolean unverified) {
        if (unverified && sha256.isPresent()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the options sha256 and no-verify are mutually exclusive");
        }
        return sha256.map(digits -> new ChecksumPolicy(PublishedSums.given(digits), false))
                .orElseGet(() -> new ChecksumPolicy(PublishedSums.none(), !unverified));
    }

    /** Throws Failure INVALID_ARGUMENT if the caller gave a checksum; for an image that is not packed and has nothing to compare with. */
    public void requireNone() {
        if (!usesChecksumFiles && !published.equals(PublishedSums.none())) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    "a checksum can be verified only for a packed image, and this one is not packed;"
                            + " to compute the checksum of a file, use sha256sum");
        }
    }
}
