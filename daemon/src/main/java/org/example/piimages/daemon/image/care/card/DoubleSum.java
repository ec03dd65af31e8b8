package org.example.piimages.daemon.image.care.card;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Two checksums in one number, to tell whether a disk reads the same again. */
final class DoubleSum {

    private DoubleSum() {
    }

    /** Both stand on different polynomials, so a fault of the disk would have to hit a 64-bit sum. */
    static long of(byte[] bytes) {
        CRC32 one = new CRC32();
        CRC32C other = new CRC32C();
        one.update(bytes);
        other.update(bytes);
        return one.getValue() << Integer.SIZE | other.getValue();
    }
}
