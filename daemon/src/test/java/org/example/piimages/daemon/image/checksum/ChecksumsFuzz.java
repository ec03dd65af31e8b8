package org.example.piimages.daemon.image.checksum;

import java.util.List;
import org.example.piimages.contract.Failure;

/** Fuzzes a checksum file, whose name and content are untrusted. */
public final class ChecksumsFuzz {

    private static final List<String> DOWNLOADS = List.of("pi.img.xz");

    private ChecksumsFuzz() {
    }

    /** Parses bytes as each kind of checksum file. */
    public static void fuzzerTestOneInput(byte[] data) {
        for (String name : List.of("pi.img.xz.sha256", "pi.img.sha256", "SHA256SUMS", "other.sha512")) {
            List<String> images = PublishedSums.imageNames(DOWNLOADS.get(0));
            try {
                PublishedFile file = PublishedFile.of(name, ChecksumFile.of(name, DOWNLOADS, images), data, DOWNLOADS);
                for (ExpectedChecksum expectation : file.expectations(DOWNLOADS, images)) {
                    if (!expectation.digest().matches("[0-9a-f]{" + expectation.function().digits() + "}")) {
                        throw new IllegalStateException("a sum of " + expectation.digest());
                    }
                }
            } catch (Failure failure) {
                if (failure.getMessage().lines().count() != 1 || !failure.getMessage().chars().allMatch(c -> c >= ' ')) {
                    throw new IllegalStateException("not one line: " + failure.getMessage(), failure);
                }
            }
        }
    }
}
