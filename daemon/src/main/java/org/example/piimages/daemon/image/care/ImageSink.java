package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.InputStream;

/** The destination of an image that is unpacked from a download: a new file, or a disk. */
@FunctionalInterface
public interface ImageSink {

    /**
     * Writes the image, up to the end of the stream.
     *
     * @param tick called after each piece; an exception that it throws ends the writing
     * @throws Failure NO_SPACE if the image does not fit, INVALID_IMAGE if it cannot be an image
     */
    void write(InputStream stream, Runnable tick) throws IOException;
}
