package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;

/** Computes the SHA-256 checksum of a sequence of bytes. */
interface ByteChecksum extends Closeable {

    /** Adds {@code count} bytes of the array, from index {@code from}. */
    void update(byte[] bytes, int from, int count) throws IOException;

    /** Returns the checksum in lower-case hexadecimal digits. To be called once, at the end. */
    String digest() throws IOException;
}
