package org.example.piimages.daemon.image.care.filesystem;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.filesystem.ExtFeatures;
import org.junit.jupiter.api.Test;

class E2fsprogsTest {

    /** The features of mke2fs 1.47.0, including orphan_file and metadata_csum_seed, which older images lack. */
    private static final ExtFeatures TRIXIE = new ExtFeatures(0x103C, 0x22C2, 0x046B);
    private static final ExtFeatures BOOKWORM = new ExtFeatures(0x003C, 0x02C2, 0x046B);

    @Test
    void refusesUnsupportedFeatureWithItsRelease() {
        Failure failure = assertThrows(Failure.class, () -> new E2fsprogs(1046).require(TRIXIE));
        assertEquals(Failure.Kind.UNSUPPORTED, failure.kind());
        assertTrue(failure.getMessage().contains("orphan_file (since 1.47)"), failure.getMessage());
    }

    @Test
    void acceptsSupportedFeatures() {
        assertDoesNotThrow(() -> new E2fsprogs(1047).require(TRIXIE));
        assertDoesNotThrow(() -> new E2fsprogs(1046).require(BOOKWORM));
    }

    @Test
    void namesUnknownFeaturesLikeE2fsck() {
        Failure failure = assertThrows(Failure.class, () -> new E2fsprogs(1047).require(new ExtFeatures(1 << 13, 0, 1 << 20)));
        assertTrue(failure.getMessage().contains("FEATURE_C13, FEATURE_R20"), failure.getMessage());
    }
}
