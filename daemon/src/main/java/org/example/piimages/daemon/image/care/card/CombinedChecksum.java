package org.example.piimages.daemon.image.care.card;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** A 64-bit checksum that is composed of two, to verify that a disk returns the same data again. */
final class CombinedChecksum {

    private CombinedChecksum() {
    }

    /**
     * Returns the CRC-32 and the CRC-32C of the bytes. As their polynomials differ, an error goes undetected as rarely as with a 64-bit
     * checksum.
     */
    static long of(byte[] bytes) {
        CRC32 one = new CRC32();
        CRC32C other = new CRC32C();
        one.update(bytes);
        other.update(bytes);
        return one.getValue() << Integer.SIZE | other.getValue();
    }
}
