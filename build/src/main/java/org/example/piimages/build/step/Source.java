package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.cache.Fingerprint;
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
 * @param version which version of the file it is; null where nobody changes it
 */
public record Source(Path file, boolean isPacked, String sha256, boolean verify, boolean mustBeVerified, String version) {

    /** An image that needs nothing but to be copied. */
    static Source image(Path file) {
        return new Source(file, false, null, false, false, null);
    }

    /** Which version of a file is there now. */
    public static String versionOf(Path file) throws BuildException {
        try {
            return new Fingerprint().addVersion(file).text();
        } catch (IOException e) {
            throw BuildException.failed("cannot read " + BuildException.reason(e));
        }
    }

    /** Makes a new file of it. Throws where it is no longer what the state's key says. */
    public void produce(Images images, Path target) throws BuildException {
        copy(images, target);
        if (version != null && !version.equals(versionOf(file))) {
            throw BuildException.failed(file + " has changed while it was being copied; build again when it is complete");
        }
    }

    private void copy(Images images, Path target) throws BuildException {
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
