package org.example.piimages.firstboot.file;

import java.nio.file.Path;
import org.example.piimages.firstboot.failure.FirstBootException;

/**
 * The description of a system in the os-release(5) of a mounted image.
 *
 * @param title its PRETTY_NAME; empty if not set
 * @param isRaspbian whether its 32-bit programs are built for the first Raspberry Pi, as those of Raspbian are and Debian's are not
 */
public record SystemName(String title, boolean isRaspbian) {

    /** Reads the description from an image mounted at {@code mountPoint}. */
    public static SystemName of(Path mountPoint) throws FirstBootException {
        ImageFiles image = ImageFiles.withoutBoot(mountPoint);
        return new SystemName(image.osRelease("PRETTY_NAME"), image.osRelease("ID").equals("raspbian"));
    }
}
