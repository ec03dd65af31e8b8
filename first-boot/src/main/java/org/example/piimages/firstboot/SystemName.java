package org.example.piimages.firstboot;

import java.nio.file.Path;

/**
 * What a mounted image's os-release(5) says of its system.
 *
 * @param title its PRETTY_NAME; empty where it is not said
 * @param isRaspbian whether its 32-bit programs are built for the first Raspberry Pi, as those of Raspbian are and Debian's are not
 */
public record SystemName(String title, boolean isRaspbian) {

    /** Reads it, below the folder where the image's root is. */
    public static SystemName of(Path mountPoint) throws FirstBootException {
        ImageFiles image = ImageFiles.withoutBoot(mountPoint);
        return new SystemName(image.osRelease("PRETTY_NAME"), image.osRelease("ID").equals("raspbian"));
    }
}
