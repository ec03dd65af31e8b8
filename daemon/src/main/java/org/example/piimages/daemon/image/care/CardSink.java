package org.example.piimages.daemon.image.care;

import java.io.IOException;

/** The destination of the bytes that are read from a card, in order: a sparse file, or a compressor. */
public interface CardSink {

    /** Takes the next bytes of the card. */
    void data(byte[] bytes) throws IOException;

    /** Takes {@code count} zero bytes. */
    void zeros(long count) throws IOException;

    /** Ends the output. It is complete afterwards, but not yet synced to disk. */
    void end() throws IOException;
}
