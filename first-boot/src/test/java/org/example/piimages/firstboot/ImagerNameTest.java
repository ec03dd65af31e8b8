package org.example.piimages.firstboot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.SystemName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The format reported to Raspberry Pi Imager. */
class ImagerNameTest {

    @TempDir
    Path directory;

    private String nameOf(UnaryOperator<FakeImage> image) throws IOException, FirstBootException {
        return image.apply(new FakeImage(Files.createTempDirectory(directory, "image"))).open().imagerName();
    }

    @Test
    void reportsFormatThatImageReads() throws IOException, FirstBootException {
        Map<UnaryOperator<FakeImage>, String> expected = Map.of(FakeImage::preseed, "rpi-preseed", FakeImage::raspberryPiCloudInit,
                "cloudinit-rpi", FakeImage::ubuntu, "cloudinit", FakeImage::customToml, "systemd", FakeImage::firstRun, "systemd",
                FakeImage::dietPi, "none", FakeImage::legacy, "none");
        for (Map.Entry<UnaryOperator<FakeImage>, String> entry : expected.entrySet()) {
            assertEquals(entry.getValue(), nameOf(entry.getKey()));
        }
    }

    @Test
    void reportsNoneAfterFirstBoot() throws IOException, FirstBootException {
        assertEquals("none", nameOf(image -> image.preseed().put("var/lib/rpi-preseed/applied", "")));
    }

    @Test
    void namesSystemWithoutBootPartition() throws IOException, FirstBootException {
        assertEquals(new SystemName("", false), SystemName.of(directory));
        Files.createDirectories(directory.resolve("usr/lib"));
        Files.writeString(directory.resolve("usr/lib/os-release"), "PRETTY_NAME=\"Raspbian GNU/Linux 13 (trixie)\"\nID=raspbian\n");
        assertEquals(new SystemName("Raspbian GNU/Linux 13 (trixie)", true), SystemName.of(directory));
    }
}
