package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;

/** The SHA-256 of bytes that come one after another. */
interface ByteSum extends Closeable {

    /** Takes the next bytes: so many of the array, from that index on. */
    void pass(byte[] bytes, int from, int count) throws IOException;

    /** The checksum of all, in lower-case hexadecimal digits. To be called once, at the end. */
    String end() throws IOException;
}
