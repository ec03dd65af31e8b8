package org.example.piimages.daemon.image.system;

import static org.example.piimages.daemon.image.disk.FailureAssertions.assertRefused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

/** Tests typical images: which partition is the root, and what else is mounted. */
class SystemChoiceTest {

    private static final String ITSELF = "PARTUUID=7069696d-0%d / ext4 defaults 0 1\n";
    private static final String TRYBOOT = "[all]\ntryboot_a_b=1\nboot_partition=%d\n[tryboot]\nboot_partition=9\n";

    private static PartitionSelection selection(int root, int boot) {
        return new PartitionSelection(number(root), number(boot), true);
    }

    private static OptionalInt number(int number) {
        return number == 0 ? OptionalInt.empty() : OptionalInt.of(number);
    }

    private static SimulatedImage rota(String slotsAndAutoboot) {
        String fstab = """
                /dev/disk/by-slot/active/system / ext4 ro 0 1
                /dev/disk/by-slot/active/boot /boot/firmware vfat ro,nofail 0 2
                /dev/disk/by-slot/bootconfig /bootfs vfat nofail 0 2
                /persistent/home /home none bind 0 0
                """;
        String commandLine = "root=/dev/disk/by-slot/active/system rootwait";
        return new SimulatedImage().boot("bootconfig", false, slotsAndAutoboot, null, null).boot("boot_a", false, null, commandLine, null)
                .boot("boot_b", false, null, commandLine, null).root("system_a", fstab).root("system_b", fstab).data("", true);
    }

    @Test
    void autobootTxtSelectsSlot() {
        assertEquals("/=4 /boot/firmware=2 /bootfs=1 /home=/persistent/home", sorted(rota(TRYBOOT.formatted(2)).mounts()));
        assertEquals("/=5 /boot/firmware=3 /bootfs=1 /home=/persistent/home", sorted(rota(TRYBOOT.formatted(3)).mounts()));
    }

    private static String sorted(String mounts) {
        List<String> all = List.of(mounts.split(" "));
        return all.get(0) + " " + String.join(" ", all.subList(1, all.size()).stream().sorted().toList());
    }

    @Test
    void autobootTxtSelectsRootInMbr() {
        SimulatedImage image = new SimulatedImage().boot("", false, TRYBOOT.formatted(3), null, null)
                .boot("", true, null, "root=PARTUUID=7069696d-04", null).boot("", true, null, "root=PARTUUID=7069696d-05", null)
                .root("", ITSELF.formatted(4)).root("", ITSELF.formatted(5));
        assertEquals("/=5 /boot/firmware=3", image.mounts());
        assertTrue(image.choose().reason().contains("cmdline.txt of partition 3 specifies root=PARTUUID=7069696d-05"));
        assertEquals("/=4 /boot/firmware=2", image.mounts(selection(4, 0)));
        assertEquals("/=4 /boot/firmware=2", image.mounts(selection(0, 2)));
    }

    @Test
    void slotMapReplacesLabels() {
        String map = "a.boot=::2\na.system=::4\nb.boot=::3\nb.system=::5\n";
        String fstab = "/dev/disk/by-slot/active/system / ext4 ro\n/dev/disk/by-slot/active/boot /boot/firmware vfat ro\n";
        SimulatedImage image = new SimulatedImage().boot("", true, TRYBOOT.formatted(3), null, null)
                .boot("", true, null, "root=/dev/disk/by-slot/active/system", map)
                .boot("", true, null, "root=/dev/disk/by-slot/active/system", map).root("", fstab).root("", fstab);
        assertEquals("/=5 /boot/firmware=3", image.mounts());
    }

    @Test
    void singleSystemOfRpiImageGenIsFoundByLabel() {
        SimulatedImage image = new SimulatedImage();
        image.add("vfat", "BOOT", "", "0xc");
        image.add("ext4", "ROOT", "", "0x83");
        DeviceSpecification system = new DeviceSpecification("/dev/disk/by-slot/system", SlotLinks.NONE);
        assertEquals(2, system.find(image.disk().volumes()).orElseThrow().partition().number());
    }

    @Test
    void dataPartitionIsNotRoot() {
        SimulatedImage image =
                new SimulatedImage().root("", ITSELF.formatted(1) + "PARTUUID=7069696d-02 /data ext4 defaults 0 2\n").data("", true);
        assertEquals("/=1 /data=2", image.mounts());
        assertEquals("/=2 /data=1", new SimulatedImage().data("", true).root("", "LABEL=nowhere / ext4\nPARTUUID=7069696d-01 /data ext4\n")
                .mounts());
    }

    @Test
    void fstabOutweighsAppearance() {
        assertEquals(2, new SimulatedImage().root("", "").root("", ITSELF.formatted(2)).choose().place().volume().partition().number());
        // The second one is a copy: its fstab names another partition.
        assertEquals(1,
                new SimulatedImage().root("", ITSELF.formatted(1)).root("", ITSELF.formatted(1)).choose().place().volume().partition()
                        .number());
    }

    @Test
    void refusesEquallyLikelyRoots() {
        SimulatedImage noobs = new SimulatedImage().boot("", true, null, null, null).boot("", true, null, "root=/dev/mmcblk0p3", null)
                .root("", ITSELF.formatted(3)).boot("", true, null, "root=/dev/mmcblk0p5", null).root("", ITSELF.formatted(5));
        assertRefused(Failure.Kind.INVALID_ARGUMENT, "partition 3 (\"Pi\"), partition 5 (\"Pi\"); select one, for example with --root=3",
                noobs::choose);
        assertEquals("/=5 /boot/firmware=4", noobs.mounts(selection(5, 0)));
        assertEquals("/=3 /boot/firmware=2", noobs.mounts(selection(3, 0)));
        assertEquals("/=3 /boot/firmware=4", noobs.mounts(selection(3, 4)));
    }

    @Test
    void onlyCandidateIsObvious() {
        SystemChoice choice = new SystemChoice(new SimulatedImage().boot("", true, null, null, null).data("", false).disk(),
                PartitionSelection.NONE);
        assertEquals(List.of(false, true), choice.disk().volumes().stream().map(choice::isObvious).toList());
    }

    @Test
    void refusesMissingPartitionAndListsOthers() {
        SimulatedImage image = new SimulatedImage().boot("", true, null, null, null).root("", "");
        assertRefused(Failure.Kind.INVALID_ARGUMENT, "no partition 7", () -> image.choose(selection(7, 0)));
        assertRefused(Failure.Kind.INVALID_ARGUMENT, "partition 1 contains vfat, partition 2 contains ext4",
                () -> image.choose(selection(0, 7)));
    }

    @Test
    void unreadableCandidateIsNotIgnored() {
        SimulatedImage haos =
                new SimulatedImage().boot("hassos-boot", false, null, null, null).unreadable("erofs", "hassos-system0").data("", true);
        assertRefused(Failure.Kind.UNSUPPORTED, "no erofs", haos::choose);
        SimulatedImage doubtful = new SimulatedImage().unreadable("erofs", "").root("", "");
        assertRefused(Failure.Kind.UNSUPPORTED, "select another, for example with --root=2", doubtful::choose);
        assertEquals(2,
                new SimulatedImage().unreadable("erofs", "").root("", ITSELF.formatted(2)).choose().place().volume().partition().number());
    }

    @Test
    void imageWithoutSystemShowsBootFiles() {
        assertEquals("/=1", new SimulatedImage().boot("", false, null, null, null).mounts());
        assertEquals("/=1", new SimulatedImage().boot("", true, null, null, null).data("", true).mounts());
        assertEquals("/=1", new SimulatedImage().boot("", false, null, null, null).data("", false).mounts());
        assertEquals("/=2", new SimulatedImage().boot("", false, null, null, null).data("", true).mounts());
        assertEquals("/=1", new SimulatedImage().data("", false).mounts());
        assertRefused(Failure.Kind.INVALID_ARGUMENT, "--root=1", () -> new SimulatedImage().data("", true).data("", true).choose());
        assertRefused(Failure.Kind.INVALID_IMAGE, "partition 1 contains no known filesystem, partition 2 contains ntfs",
                () -> new SimulatedImage().other("", "").other("ntfs", "").choose());
    }

    @Test
    void refusesEncryptedAndLogicalVolumesWithHint() {
        assertRefused(Failure.Kind.LOCKED, "partition 2 contains an encrypted volume (LUKS); to access",
                () -> new SimulatedImage().boot("", false, null, null, null).other("crypto_LUKS", "").choose());
        assertRefused(Failure.Kind.UNSUPPORTED, "vgchange",
                () -> new SimulatedImage().boot("", true, null, "root=PARTUUID=7069696d-02", null).other("LVM2_member", "").choose());
        // The root is locked; another partition that looks like a system is not it.
        assertRefused(Failure.Kind.LOCKED, "--passphrase-file",
                () -> new SimulatedImage().boot("", true, null, "root=/dev/mapper/c", null).other("crypto_LUKS", "").root("", "").choose());
    }

    @Test
    void mapperNameMeansOpenedVolume() {
        assertEquals("/=2 /boot/firmware=1", new SimulatedImage().boot("", true, null, "root=/dev/mapper/c", null)
                .opened("/dev/mapper/c / ext4 defaults 0 1\n").mounts());
        // With two opened volumes the name is ambiguous.
        assertRefused(Failure.Kind.INVALID_ARGUMENT, "several partitions", () -> new SimulatedImage()
                .boot("", true, null, "root=/dev/mapper/c", null).opened("").opened("").choose());
    }

    @Test
    void fstabSelectsSubvolume() {
        String fedora = "LABEL=X / btrfs subvol=root 0 0\nLABEL=X /home btrfs subvol=home 0 0\n";
        assertEquals("/=1 /home=1:subvol=home", new SimulatedImage().subvolumes("subvol=root", fedora).mounts());
        String armbian = "LABEL=X / btrfs subvol=/@ 0 0\nLABEL=X /home btrfs subvolid=257 0 0\nLABEL=X /top btrfs subvol=/ 0 0\n";
        SimulatedImage snapshots = new SimulatedImage().subvolumes("subvol=@", armbian, "subvol=@old", armbian);
        assertEquals("/=1 /home=1:subvolid=257 /top=1:subvolid=5", snapshots.mounts());
        assertEquals("subvol=@", snapshots.choose().place().subvolume());
        String suse = "LABEL=X / btrfs defaults 0 0\nLABEL=X /home btrfs subvol=@home 0 0\n";
        assertEquals("/=1 /home=1:subvol=@home", new SimulatedImage().subvolumes("", suse).mounts());
    }

    @Test
    void rootflagsSelectSubvolume() {
        SimulatedImage image = new SimulatedImage().boot("", true, null, "root=PARTUUID=7069696d-02 rootflags=noatime,subvol=@b", null)
                .subvolumes("subvol=@a", "", "subvol=@b", "");
        assertEquals("subvol=@b", image.choose().place().subvolume());
    }

    @Test
    void reportsPartuuidOfAnotherDisk() {
        SimulatedImage copied = new SimulatedImage().boot("", true, null, "root=PARTUUID=deadbeef-02", null)
                .root("", "PARTUUID=deadbeef-02 / ext4 defaults 0 1\nPARTUUID=deadbeef-01 /boot/firmware vfat defaults 0 2\n");
        List<String> problems = copied.describe().bootProblems();
        assertEquals(2, problems.size(), problems::toString);
        assertTrue(problems.stream().allMatch(problem -> problem.endsWith("this image will not boot")), problems::toString);
        assertEquals("/=2 /boot/firmware=1", copied.mounts());
        SimulatedImage sound = new SimulatedImage().boot("", true, null, "root=/dev/mmcblk0p2", null).root("", "/dev/mmcblk0p2 / ext4\n");
        assertEquals(List.of(), sound.describe().bootProblems());
        assertEquals(List.of(), new SimulatedImage().root("", "/dev/root / ext4\n").describe().bootProblems());
    }
}
