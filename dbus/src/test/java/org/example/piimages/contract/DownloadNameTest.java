package org.example.piimages.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class DownloadNameTest {

    @Test
    void stripsCompressionExtensionOnce() {
        for (String ending : new String[] {".xz", ".GZ", ".zst", ".bz2", ".lz4", ".lzma", ".zip", ".7z", ".tar", ".tar.xz", ".tgz",
            ".tbz"}) {
            assertEquals("/a.xz/pi.img", DownloadName.unpacked("/a.xz/pi.img" + ending));
        }
        assertEquals("pi.img.xz", DownloadName.unpacked("pi.img.xz.gz"));
        assertEquals("pi.img", DownloadName.unpacked("pi.img"));
    }

    @Test
    void recognizesImageExtensions() {
        for (String name : new String[] {"pi.img", "UP.IMG", "core.wic", "fedora.raw", "a.rpi-sdimg"}) {
            assertTrue(DownloadName.isImage(name), name);
        }
        for (String name : new String[] {".img", "img", "pi.img.xz", "pi.imgs", ""}) {
            assertFalse(DownloadName.isImage(name), name);
        }
    }
}
