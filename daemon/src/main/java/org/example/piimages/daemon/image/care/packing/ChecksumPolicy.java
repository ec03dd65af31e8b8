package org.example.piimages.daemon.image.care.packing;

import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.checksum.PublishedSums;

/**
 * Which checksums a download is compared with, as the caller chose.
 *
 * @param published empty for whatever lies beside the download, null never
 * @param isLeftToFiles whether that is to be looked for
 */
public record ChecksumPolicy(PublishedSums published, boolean isLeftToFiles) {

    /**
     * The selection of a call's options.
     *
     * @param sha256 a sum to compare with instead of the files beside
     * @param unverified whether nothing is to be compared
     * @throws Failure INVALID_ARGUMENT when both are wanted, or the sum is none
     */
    public static ChecksumPolicy of(Optional<String> sha256, boolean unverified) {
        if (unverified && sha256.isPresent()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the options sha256 and no-verify are mutually exclusive");
        }
        return sha256.map(digits -> new ChecksumPolicy(PublishedSums.given(digits), false))
                .orElseGet(() -> new ChecksumPolicy(PublishedSums.none(), !unverified));
    }

    /** Throws Failure INVALID_ARGUMENT when a sum was given, for what is compared with none. */
    public void requireNone() {
        if (!isLeftToFiles && !published.equals(PublishedSums.none())) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    "a checksum can be verified only for a packed image, and this one is not packed;"
                            + " to compute the checksum of a file, use sha256sum");
        }
    }
}
