package org.example.piimages.daemon.image.system;

import static org.example.piimages.daemon.image.disk.FailureAssertions.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

/** Tests images as published by distributions for the Raspberry Pi, and after some use: partitions, boot files, fstabs. */
class DistributionsTest {

    private static final PartitionSelection FIFTH = new PartitionSelection(OptionalInt.of(5), OptionalInt.empty(), true);

    private static SimulatedImage raspberryPiOs(String more) {
        return new SimulatedImage().boot("", true, null, "console=tty1 root=PARTUUID=7069696d-02 rootfstype=ext4 rootwait", null).root("",
                "proc /proc proc defaults 0 0\nPARTUUID=7069696d-01 /boot/firmware vfat defaults 0 2\n"
                        + "PARTUUID=7069696d-02 / ext4 defaults 0 1\n" + more);
    }

    @Test
    void ubuntuUsesLabels() {
        SimulatedImage image = new SimulatedImage().labelledBoot("system-boot", "dwc_otg.lpm_enable=0 root=LABEL=writable rootwait fixrtc")
                .labelledRoot("writable",
                        "LABEL=writable\t/\text4\tdefaults\t0 1\nLABEL=system-boot\t/boot/firmware\tvfat\tdefaults\t0 1\n");
        assertEquals("/=2 /boot/firmware=1", image.mounts());
        assertEquals(List.of(), image.plan().notes());
    }

    @Test
    void usbStickInFstabIsNotPartOfCard() {
        SimulatedImage image = raspberryPiOs("/dev/sda1 /home/pi/usb vfat nofail 0 0\n/dev/nvme0n1p2 /srv ext4 nofail\n");
        assertEquals("/=2 /boot/firmware=1", image.mounts());
        assertEquals(2, image.plan().notes().size(), image.plan().notes()::toString);
        assertTrue(image.plan().notes().get(0).contains("not on a disk of that name"), image.plan().notes()::toString);
        // An entry for the stick before that of the boot partition must not take the boot partition.
        SimulatedImage retropie = new SimulatedImage().boot("", true, null, "root=/dev/mmcblk0p2", null)
                .root("", "/dev/sda1 /home/pi/RetroPie vfat\n/dev/mmcblk0p1 /boot vfat\n/dev/mmcblk0p2 / ext4\n");
        assertEquals("/=2 /boot=1", retropie.mounts());
    }

    @Test
    void reportsFilesystemsInFiles() {
        SimulatedImage image = raspberryPiOs("""
                /backingfiles/cam_disk.bin /mnt/cam vfat umask=000 0 0
                /x.bin /mnt/x vfat noauto
                //server/share /mnt/y cifs nofail
                /swapfile none swap sw
                """);
        assertEquals("/=2 /boot/firmware=1", image.mounts());
        assertEquals(1, image.plan().notes().size(), image.plan().notes()::toString);
        assertTrue(image.plan().notes().get(0).contains("\"/backingfiles/cam_disk.bin\" on \"/mnt/cam\" is skipped: only partitions"),
                image.plan().notes()::toString);
    }

    @Test
    void diskOfRootIsTheImage() {
        SimulatedImage usb = new SimulatedImage().boot("", true, null, "root=/dev/sda2", null)
                .root("", "/dev/sda1 /boot vfat\n/dev/sda2 / ext4\n/dev/sda3 /srv ext4\n/dev/mmcblk0p3 /mnt ext4\n").data("", true);
        assertEquals("/=2 /boot=1 /srv=3", usb.mounts());
        SimulatedImage emon = raspberryPiOs("/dev/mmcblk0p3 /var/opt/emoncms ext2 defaults\n").data("", true);
        assertEquals("/=2 /boot/firmware=1 /var/opt/emoncms=3", sorted(emon.mounts()));
    }

    private static String sorted(String mounts) {
        List<String> all = List.of(mounts.split(" "));
        return all.get(0) + " " + String.join(" ", all.subList(1, all.size()).stream().sorted().toList());
    }

    @Test
    void otherFatInFstabIsNotBootPartition() {
        SimulatedImage image = new SimulatedImage().boot("", true, null, "root=PARTUUID=7069696d-02", null)
                .root("", "PARTUUID=7069696d-02 / ext4\nPARTUUID=7069696d-03 /data vfat\n").other("vfat", "DATA");
        assertEquals("/=2 /boot/firmware=1 /data=3", sorted(image.mounts()));
        // Alpine mounts the boot partition elsewhere; it is mounted only once.
        SimulatedImage alpine = new SimulatedImage().boot("", true, null, "root=/dev/mmcblk0p2", null)
                .root("", "/dev/mmcblk0p2 / ext4\n/dev/mmcblk0p1 /media/mmcblk0p1 vfat\n/media/mmcblk0p1/boot /boot none bind\n");
        assertEquals("/=2 /media/mmcblk0p1=1 /boot=/media/mmcblk0p1/boot", alpine.mounts());
    }

    @Test
    void pinnUsesBootedOrSelectedSystem() {
        String fstab = "/dev/mmcblk0p%d / ext4 defaults 0 1\n";
        // The recovery partition, its settings, and two systems, of which the second has no fstab entry for its boot partition.
        SimulatedImage pinn = new SimulatedImage().boot("", true, null, null, null).data("", true)
                .boot("", true, null, "root=/dev/mmcblk0p4", null).root("", fstab.formatted(4) + "/dev/mmcblk0p3 /boot vfat\n")
                .root("", fstab.formatted(5));
        assertRefused(Failure.Kind.INVALID_ARGUMENT, "select one, for example with --root=4", pinn::choose);
        SimulatedImage sticky = new SimulatedImage().boot("", true, "boot_partition=3\n", null, null).data("", true)
                .boot("", true, null, "root=/dev/mmcblk0p4", null).root("", fstab.formatted(4) + "/dev/mmcblk0p3 /boot vfat\n")
                .root("", fstab.formatted(5));
        assertEquals("/=4 /boot=3", sticky.mounts());
        // The kernel packages of one system must not write to the boot partition of another.
        assertEquals("/=5", sticky.mounts(FIFTH));
        assertTrue(
                sticky.plan(FIFTH).notes().get(0)
                        .contains("its cmdline.txt specifies as the root partition 4; to use it, specify --boot=3"),
                sticky.plan(FIFTH).notes()::toString);
        assertEquals("/=5 /boot/firmware=3", sticky.mounts(new PartitionSelection(OptionalInt.of(5), OptionalInt.of(3), true)));
    }

    @Test
    void sameLabelMeansBootedPartition() {
        String fstab = "PARTUUID=7069696d-0%d / ext4\nLABEL=BOOT /boot/firmware vfat\n";
        SimulatedImage slots = new SimulatedImage().boot("", false, "boot_partition=3", null, null)
                .labelledBoot("BOOT", "root=PARTUUID=7069696d-04").labelledBoot("BOOT", "root=PARTUUID=7069696d-05")
                .root("", fstab.formatted(4)).root("", fstab.formatted(5));
        assertEquals("/=5 /boot/firmware=3", slots.mounts());
        assertEquals("/=4 /boot/firmware=2", slots.mounts(new PartitionSelection(OptionalInt.of(4), OptionalInt.empty(), true)));
    }

    @Test
    void systemsInImageFilesShowBootFiles() {
        // LibreELEC, Batocera, Volumio: no partition contains a system, so the one that the firmware reads is shown.
        assertEquals("/=1",
                new SimulatedImage().labelledBoot("LIBREELEC", "boot=UUID=0102-0304 disk=UUID=x quiet").data("", true).mounts());
        assertEquals("/=1", new SimulatedImage().labelledBoot("BATOCERA", "label=BATOCERA rootwait").data("", true).mounts());
        assertEquals("/=1", new SimulatedImage().labelledBoot("boot", "imgpart=/dev/mmcblk0p2 imgfile=/volumio_current.sqsh").data("", true)
                .data("", true).mounts());
    }

    @Test
    void openWrtHasNoFstab() {
        SimulatedImage image =
                new SimulatedImage().boot("", true, null, "root=PARTUUID=7069696d-02 rootfstype=squashfs,ext4 rootwait", null)
                        .root("", "");
        assertEquals(2, image.choose().place().volume().partition().number());
        assertEquals(List.of(), image.describe().bootProblems());
    }

    @Test
    void homeAssistantsSecondSlotIsNotGuessed() {
        SimulatedImage fresh =
                new SimulatedImage().boot("hassos-boot", true, null, "zram.enabled=1 console=tty1", null).root("hassos-system0", "")
                        .data("", true).data("", true);
        assertEquals(2, fresh.choose().place().volume().partition().number());
        SimulatedImage updated = new SimulatedImage().boot("hassos-boot", true, null, "console=tty1", null).root("hassos-system0", "")
                .root("hassos-system1", "").data("", true);
        assertRefused(Failure.Kind.INVALID_ARGUMENT, "--root=2", updated::choose);
    }

    @Test
    void postmarketOsAndArmbianUseFstab() {
        SimulatedImage postmarket = new SimulatedImage().labelledBoot("pmOS_boot", "pmos_boot_uuid=a pmos_root_uuid=b")
                .labelledRoot("pmOS_root", "LABEL=pmOS_root / ext4\nLABEL=pmOS_boot /boot vfat\n");
        assertEquals("/=2 /boot=1", postmarket.mounts());
        SimulatedImage armbian = new SimulatedImage().labelledBoot("RPICFG", "root=LABEL=armbi_root rootfstype=ext4")
                .labelledRoot("armbi_root", "LABEL=armbi_root / ext4\nLABEL=RPICFG /boot/firmware vfat\ntmpfs /tmp tmpfs\n");
        assertEquals("/=2 /boot/firmware=1", armbian.mounts());
    }

    @Test
    void reportsRootWithoutSystem() {
        SimulatedImage image = new SimulatedImage().boot("", true, null, "root=/dev/mmcblk0p2", null).data("", true)
                .root("", "PARTUUID=7069696d-03 / ext4\n");
        assertEquals(3, image.choose().place().volume().partition().number());
        assertEquals(List
                .of("cmdline.txt of partition 1 specifies root=/dev/mmcblk0p2, which is partition 2, which contains no system: this image"
                        + " will not boot"),
                image.describe().bootProblems());
        assertEquals(List.of(), raspberryPiOs("").describe().bootProblems());
    }

    @Test
    void swapNamedAsRootIsReportedWithTheSystem() {
        SimulatedImage image = new SimulatedImage().boot("", true, null, "root=/dev/mmcblk0p2", null).other("swap", "")
                .root("", "PARTUUID=7069696d-03 / ext4\n");
        assertRefused(Failure.Kind.INVALID_IMAGE,
                "specifies as the root partition 2, but partition 2 contains swap; to use another partition as the root, specify, for"
                        + " example, --root=3",
                image::choose);
    }

    /** NixOS before its first boot and OSTree have neither a shell nor an os-release at their usual places. */
    @Test
    void systemAtUnusualPlaceIsMentioned() {
        SimulatedImage nixos = new SimulatedImage().labelledBoot("FIRMWARE", "").data("", true);
        assertEquals("no partition contains a system; the firmware reads this one; to use the files of partition 2, specify --root=2",
                nixos.choose().reason());
        assertEquals("no partition contains a system; the firmware reads this one",
                new SimulatedImage().labelledBoot("LIBREELEC", "").data("", false).choose().reason());
    }

    @Test
    void labelsThatAreNotReadAreReportedAsThat() {
        SimulatedImage image = raspberryPiOs("LABEL=DATA /data exfat nofail\n").other("exfat", "");
        assertTrue(image.plan().notes().get(0).contains("has that name; labels of exfat and ntfs are not read"),
                image.plan().notes()::toString);
    }
}
