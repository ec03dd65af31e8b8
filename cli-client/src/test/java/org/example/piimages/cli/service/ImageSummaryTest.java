package org.example.piimages.cli.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.util.List;
import java.util.Map;
import org.example.piimages.cli.FakeAuthentication;
import org.example.piimages.cli.FakeBus;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.junit.jupiter.api.Test;

/** Tests the summary of an image that is shown before it is written to a card. */
class ImageSummaryTest {

    private static final ImageFile FILE = ImageFile.of(new File("/home/me/pi.img"));

    private final FakeBus bus = new FakeBus();

    private String shown() {
        return ImageSummary.beforeWriting(new Service(bus, new FakeAuthentication()), FILE);
    }

    private static Object[] partition(int number, long size, String content, String label) {
        return new Object[] {new UInt32(number), new UInt64(1 << 20), new UInt64(size), content, label, "", "", "", "not used"};
    }

    private void answer(List<Object[]> systems, List<String> problems) {
        bus.answer("DescribeImage", call -> Map.of("partitions",
                List.of(partition(1, 256L << 20, "vfat", "bootfs"), partition(2, 2L << 30, "ext4", "\u001b[2J"),
                        partition(3, 1L << 20, "", "")),
                "systems", systems, "problems", problems));
    }

    @Test
    void showsPartitionsSystemsAndProblems() {
        answer(List.<Object[]>of(new Object[] {new UInt32(2), "", "Debian GNU/Linux 12", true, "its own fstab names it for /"}),
                List.of("this image will not boot"));
        assertEquals("""
                /home/me/pi.img, to be written:
                  partition 1: 256 MiB vfat "bootfs"
                  partition 2: 2 GiB ext4 "\\x1b[2J"
                  partition 3: 1 MiB
                  system: partition 2: Debian GNU/Linux 12 (chosen)
                  problem: this image will not boot""", shown());
    }

    @Test
    void reportsImageWithoutSystem() {
        answer(List.of(), List.of());
        assertEquals("  no system found", shown().lines().reduce((before, last) -> last).orElseThrow());
    }

    @Test
    void unreadableImageIsNoError() {
        bus.fail("DescribeImage", "org.example.PiImages.Error.Busy", "pi.img is mounted");
        assertEquals("/home/me/pi.img: not inspected: pi.img is mounted", shown());
        bus.fail("DescribeImage", Names.INTERACTIVE_AUTHORIZATION_REQUIRED, "interactive");
        assertEquals("/home/me/pi.img: not inspected:", shown().substring(0, "/home/me/pi.img: not inspected:".length()));
    }
}
