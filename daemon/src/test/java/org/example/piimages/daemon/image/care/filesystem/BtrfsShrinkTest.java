package org.example.piimages.daemon.image.care.filesystem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BtrfsShrinkTest {

    private static final long MIB = 1 << 20;

    @Test
    void includesSpaceForFilesAndKernel() {
        assertEquals(256 * MIB, BtrfsShrink.size(0, 0));
        assertEquals(256 * MIB, BtrfsShrink.size(100 * MIB, 0));
        assertEquals((1600 + 100 + 128 + 12) * MIB, BtrfsShrink.size(1600 * MIB, 0));
        assertEquals(BtrfsShrink.size(1600 * MIB, 0), BtrfsShrink.size(1606 * MIB, 0));
    }

    @Test
    void growsWithEachAttempt() {
        long before = 0;
        for (int attempt = 0; attempt < 3; attempt++) {
            long size = BtrfsShrink.size(800 * MIB, attempt);
            assertTrue(size > before, "attempt " + attempt);
            before = size;
        }
    }

    /** The maximum result of MountedBtrfs.usedBytes is 64 * 2 * 2^55. */
    @Test
    void doesNotOverflow() {
        assertTrue(BtrfsShrink.size(1L << 62, 2) > 1L << 62);
    }
}
