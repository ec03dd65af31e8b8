package org.example.piimages.daemon.image.file;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ImageCardTest {

    @Test
    void identityDistinguishesCardsFromFiles() {
        assertTrue(ImageCard.isCard("disk_8_16_3"));
        assertFalse(ImageCard.isCard("8_16_3"));
        assertFalse(ImageCard.isCard("disk_8_16"));
        assertFalse(ImageCard.isCard(""));
    }

    @Test
    void unknownDiskIsNotPresent() {
        assertFalse(ImageCard.isPresent("disk_4095_1048575_1"));
        assertTrue(ImageCard.isPresent("254_0_12"));
    }
}
