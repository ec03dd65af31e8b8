package org.example.piimages.build.step;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.download.Download;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;

/**
 * Where an image comes from.
 *
 * @param file an image, or a packed one
 * @param isPacked whether it is to be unpacked
 * @param sha256 what to compare it with; null for the checksums beside it
 * @param verify whether to compare it with anything
 * @param mustBeVerified whether it is refused where there is no checksum of it
 */
public record Source(Path file, boolean isPacked, String sha256, boolean verify, boolean mustBeVerified) {

    /** An image that needs nothing but to be copied. */
    static Source image(Path file) {
        return new Source(file, false, null, false, false);
    }

    /** Makes a new file of it. */
    public void produce(Images images, Path target) throws BuildException {
        if (!isPacked) {
            images.command(List.of("copy", file.toString(), target.toString()));
            return;
        }
        boolean isVerified = unpack(images, target);
        if (mustBeVerified && !isVerified) {
            throw Download.noChecksum(file.getFileName().toString());
        }
    }

    private boolean unpack(Images images, Path target) throws BuildException {
        try {
            return images.unpack(file, target, sha256, verify);
        } catch (BuildException e) {
            throw !mustBeVerified ? e
                    : new BuildException(e.status(), e.getMessage() + "; to discard a damaged download: piimagesctl cache remove");
        }
    }
}
