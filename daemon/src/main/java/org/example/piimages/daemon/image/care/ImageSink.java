package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.InputStream;

/** Where an image goes as it comes out of a download: a new file, a disk. */
@FunctionalInterface
public interface ImageSink {

    /**
     * Takes the image, to the end of the stream.
     *
     * @param tick called after each piece; what it throws ends the writing
     * @throws Failure NO_SPACE when there is no room for it, INVALID_IMAGE when it can be no image
     */
    void write(InputStream stream, Runnable tick) throws IOException;
}
