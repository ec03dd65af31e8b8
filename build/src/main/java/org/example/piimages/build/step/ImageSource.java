package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.download.Download;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;

/**
 * The source of an image.
 *
 * @param file an image or a packed image
 * @param isPacked whether the file must be unpacked
 * @param sha256 the expected SHA-256; null to use the checksum files beside it
 * @param verify whether the checksum is verified at all
 * @param mustBeVerified whether a file without a checksum is rejected
 * @param version the version of the file, from {@link #versionOf}; null if the file does not change
 */
public record ImageSource(Path file, boolean isPacked, String sha256, boolean verify, boolean mustBeVerified, String version) {

    /** Returns the source for an image that is only copied. */
    static ImageSource image(Path file) {
        return new ImageSource(file, false, null, false, false, null);
    }

    /** Returns the current version of a file; see {@link Fingerprint#addVersion}. */
    public static String versionOf(Path file) throws BuildException {
        try {
            return new Fingerprint().addVersion(file).text();
        } catch (IOException e) {
            throw BuildException.failed("cannot read " + BuildException.reason(e));
        }
    }

    /**
     * Copies or unpacks the source to a new file.
     *
     * @throws BuildException if that fails, or the source is no longer the version that the key of the state was computed from
     */
    public void produce(Images images, Path target) throws BuildException {
        // The steps before may have taken long, and the recipe itself may have changed the file.
        if (version != null && !version.equals(versionOf(file))) {
            throw BuildException.failed(file + " has changed since the build began; build again, or if the recipe changes it, change it"
                    + " before the build");
        }
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
