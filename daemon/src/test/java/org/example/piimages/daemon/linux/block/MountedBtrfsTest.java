package org.example.piimages.daemon.linux.block;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MountedBtrfsTest {

    private static final long DATA = 1;
    private static final long METADATA = 4;
    private static final long DUP = 1 << 5;
    private static final long RESERVE = 1L << 49;

    @Test
    void duplicatedSpaceCountsTwice() {
        assertEquals(1000, MountedBtrfs.deviceBytes(DATA, 1000));
        assertEquals(2000, MountedBtrfs.deviceBytes(METADATA | DUP, 1000));
        assertEquals(2000, MountedBtrfs.deviceBytes(DATA | METADATA | DUP, 1000));
    }

    @Test
    void reserveCountsAsMetadata() {
        assertEquals(0, MountedBtrfs.deviceBytes(RESERVE, 1000));
    }

    @Test
    void claimedSizeIsLimited() {
        assertEquals(1L << 55, MountedBtrfs.deviceBytes(DATA, Long.MAX_VALUE));
        assertEquals(1L << 56, MountedBtrfs.deviceBytes(METADATA | DUP, -1));
    }
}
