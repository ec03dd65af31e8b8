package org.example.piimages.daemon.image.care.packing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"pi.img", "UP.IMG", "core.wic", "a/b/fedora.raw", "./pi.img", "pi.img.xz", "core.wic.BZ2",
        "x.rpi-sdimg", "..img.img"})
    void images(String name) {
        assertTrue(ArchiveName.isImage(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"__MACOSX/._pi.img", "__MACOSX/pi.img", "a/__MACOSX/b/pi.img", "._pi.img", "a/._pi.img", "pi.img/", "README",
        ".img",
        "pi.img.sig", "pi.img.sha256", "pi.xz", "pi.zip", "", "/"})
    void otherFiles(String name) {
        assertFalse(ArchiveName.isImage(name));
    }

    @ParameterizedTest
    @CsvSource({"pi.img, pi.img", "pi os.img, os.img", "a/x[1].img, .img", "caf\u00e9.img, .img", "what?*.IMG, .IMG"})
    void findsSuffixForUnzip(String name, String end) {
        assertEquals(end, Archive.plainEnd(name));
    }

    private static String image(String... names) {
        Archive.Contents contents = new Archive.Contents();
        List.of(names).forEach(contents::add);
        return contents.image();
    }

    private static String refusal(String... names) {
        return assertThrows(Failure.class, () -> image(names)).getMessage();
    }

    @Test
    void findsOnlyImage() {
        assertEquals("pi.img", image("README.txt", "pi.img", "__MACOSX/._pi.img"));
        assertTrue(refusal("a.img", "b.wic").contains("several images, \"a.img\" and \"b.wic\""));
        assertTrue(refusal("README").contains(".wic"));
        assertTrue(refusal("etc/passwd", "./usr/bin/sh", "boot/x").contains("root filesystem"));
        assertTrue(refusal("../../pi.img").contains("outside of the target directory"));
    }

    @Test
    void imagesBesideFirmwareAreKernels() {
        assertTrue(refusal("bootcode.bin", "recovery.img", "os/x/root.tar.xz").contains("the files of a boot partition"));
        assertTrue(refusal("pi/kernel.img", "pi/kernel7.img", "pi/START4.ELF").contains("the files of a boot partition"));
        assertTrue(refusal("boot/bootcode.bin", "boot/vmlinuz").contains("the files of a boot partition"));
        assertEquals("pi.img", image("pi.img", "boot/bootcode.bin", "boot/kernel.img"));
        assertTrue(refusal("a.img", "b/boot/start.elf", "b/boot/kernel.img", "c.img").contains("several images, \"a.img\" and \"c.img\""));
        assertTrue(refusal(IntStream.range(0, 1001).mapToObj(number -> number + ".img").toArray(String[]::new)).contains("1000 images"));
    }
}
