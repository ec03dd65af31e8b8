package org.example.piimages.daemon.image.system;

import java.util.Arrays;

/** What a caller gave to open encrypted partitions; not to be written or said anywhere. */
public final class Passphrase {

    /** The most bytes that are accepted; cryptsetup accepts 512 from a terminal. */
    public static final int BYTE_LIMIT = 8192;

    /** None was given. */
    public static final Passphrase NONE = new Passphrase(new byte[0]);

    private final byte[] bytes;

    /** Keeps the array. */
    public Passphrase(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return bytes.length == 0;
    }

    /** A copy, for its user to clear. */
    public byte[] bytes() {
        return Arrays.copyOf(bytes, bytes.length);
    }
}
