package org.example.piimages.daemon.image.care;

import java.io.IOException;

/** Where what is read from a card goes, in order: a file with holes, a tool that packs it. */
public interface CardSink {

    /** What the card has next. */
    void data(byte[] bytes) throws IOException;

    /** What comes next is so many zeros. */
    void zeros(long count) throws IOException;

    /** That was all; what was written is complete then, and not yet on the disk. */
    void end() throws IOException;
}
