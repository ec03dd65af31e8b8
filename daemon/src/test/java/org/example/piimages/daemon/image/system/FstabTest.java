package org.example.piimages.daemon.image.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FstabTest {

    private static Fstab parse(String text) {
        return Fstab.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void raspberryPiOsFstabIsRead() {
        Fstab fstab = parse("""
                proc            /proc           proc    defaults          0       0
                PARTUUID=0badcafe-01  /boot/firmware  vfat    defaults          0       2
                PARTUUID=0badcafe-02  /               ext4    defaults,noatime  0       1
                # a swapfile is not a swap partition, no line here
                #   use  dphys-swapfile swap[on|off]  for that
                """);
        assertTrue(fstab.complete());
        assertEquals(List.of(new Fstab.Entry("proc", "/proc", "proc", List.of("defaults")),
                new Fstab.Entry("PARTUUID=0badcafe-01", "/boot/firmware", "vfat", List.of("defaults")),
                new Fstab.Entry("PARTUUID=0badcafe-02", "/", "ext4", List.of("defaults", "noatime"))), fstab.entries());
    }

    @Test
    void octalEscapesAreRead() {
        Fstab.Entry entry = parse("LABEL=my\\040disk /mnt/a\\011b\\134c\\303\\244 ext4").entries().get(0);
        assertEquals("LABEL=my disk", entry.specification());
        assertEquals("/mnt/a\tb\\cä", entry.file());
        assertEquals("/x\\09", parse("a /x\\09").entries().get(0).file());
    }

    @Test
    void missingFieldsHaveDefaults() {
        assertEquals(List.of(new Fstab.Entry("/dev/sda1", "/mnt", "auto", List.of("defaults"))), parse("/dev/sda1 /mnt").entries());
        assertEquals(List.of(), parse("/dev/sda1\n\n   \n\t#x y\n # x y z").entries());
    }

    @Test
    void quotesAroundTagValuesAreRemoved() {
        assertEquals("UUID=ABCD-1234", parse("UUID=\"ABCD-1234\" /boot vfat").entries().get(0).specification());
        assertEquals("LABEL=x", parse("LABEL='x' /boot vfat").entries().get(0).specification());
        assertEquals("LABEL=\"", parse("LABEL=\" /boot vfat").entries().get(0).specification());
    }

    @Test
    void foreignLineEndsAreAccepted() {
        assertEquals(new Fstab.Entry("a", "/b", "c", List.of("ro")), parse("a /b c ro\r\nd /e f").entries().get(0));
    }

    @Test
    void slashesAroundSubvolumeTakeLittleTime() {
        String slashes = "/".repeat(Fstab.BYTE_LIMIT);
        assertEquals("subvol=a" + slashes + "b", assertTimeoutPreemptively(Duration.ofSeconds(5),
                () -> Fstab.subvolume(List.of("subvol=" + slashes + "a" + slashes + "b" + slashes))));
    }

    @Test
    void endlessFstabIsBounded() {
        Fstab many = parse("a /b\n".repeat(10_000));
        assertEquals(Fstab.ENTRY_LIMIT, many.entries().size());
        assertFalse(many.complete());
        assertFalse(Fstab.parse(new byte[Fstab.BYTE_LIMIT + 1]).complete());
        assertFalse(parse("#\n".repeat(1_000_000) + "a /b").complete());
    }

    @Test
    void randomBytesAreHarmless() {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            byte[] noise = new byte[random.nextInt(500)];
            random.nextBytes(noise);
            Fstab.parse(noise).entries().forEach(entry -> MountTarget.normalise(entry.file()));
        }
    }
}
