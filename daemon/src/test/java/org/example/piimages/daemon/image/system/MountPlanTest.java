package org.example.piimages.daemon.image.system;

import static org.example.piimages.daemon.image.disk.Refusals.assertInvalid;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Filesystem;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.SuperblockBuilder;
import org.example.piimages.daemon.image.disk.Volume;
import org.junit.jupiter.api.Test;

class MountPlanTest {

    private static final BootFacts BOOKWORM = new BootFacts(true, true, "bookworm");
    private static final Volume FAT = volume(1, "vfat", "ABCD-1234", "bootfs", 100);
    private static final Volume ROOT = volume(2, "ext4", SuperblockBuilder.UUID_TEXT, "rootfs", 1000);
    private static final Volume DATA = volume(3, "ext4", "33333333-89ab-cdef-0123-456789abcdef", "my data", 500);
    private static final List<Volume> VOLUMES = List.of(FAT, ROOT, DATA);

    private static Volume volume(int number, String type, String uuid, String label, long length) {
        Partition partition = new Partition(number, number * 100_000L, length, "0x83", "0badcafe-0" + number, "part " + number, false, 0);
        return new Volume(partition, Optional.of(new Filesystem(type, uuid, label, false, length, Optional.empty())));
    }

    private static MountPlan plan(String fstab, BootFacts facts) {
        return MountPlan.of(VOLUMES, ROOT, Fstab.parse(fstab.getBytes(StandardCharsets.UTF_8)), facts);
    }

    private static String mounts(MountPlan plan) {
        return String.join(" ", plan.mounts().stream()
                .map(mount -> mount.partition().number() + ":" + mount.target() + (mount.readOnly() ? ":ro" : "")).toList());
    }

    @Test
    void fstabPlacesTheBootPartition() {
        MountPlan plan = plan("proc /proc proc defaults\nPARTUUID=0badcafe-01 /boot/firmware vfat defaults,ro 0 2\n"
                + "PARTUUID=0badcafe-02 / ext4 defaults 0 1", BOOKWORM);
        assertEquals("1:/boot/firmware:ro", mounts(plan));
        assertEquals(MountPlan.Rule.FSTAB, plan.rule());
        assertEquals(List.of(), plan.notes());
        assertEquals(ROOT, plan.root());
    }

    @Test
    void everySpecificationFindsItsPartition() {
        for (String specification : List.of("PARTUUID=0BADCAFE-01", "UUID=ABCD-1234", "UUID=\"abcd-1234\"", "LABEL=bootfs",
                "PARTLABEL=part\\0401", "/dev/disk/by-uuid/ABCD-1234", "/dev/disk/by-partuuid/0badcafe-01", "/dev/disk/by-label/bootfs",
                "/dev/disk/by-partlabel/part\\x201", "/dev/mmcblk0p1", "/dev/mmcblk1p1", "/dev/sda1", "/dev/vda1", "/dev/nvme0n1p1")) {
            MountPlan plan = plan(specification + " /boot vfat", BOOKWORM);
            assertEquals("1:/boot", mounts(plan), specification);
            assertEquals(MountPlan.Rule.FSTAB, plan.rule(), specification);
        }
    }

    @Test
    void otherDisksAndUnknownNamesAreNotOurs() {
        for (String specification : List.of("/dev/sdb1", "/dev/sda0", "/dev/sda9", "/dev/mmcblk0", "/dev/mapper/x", "LABEL=x", "UUID=",
                "/dev/sda99999999999", "/dev/disk/by-path/x", "LABEL=")) {
            MountPlan plan = plan(specification + " /srv vfat\n", BOOKWORM);
            assertEquals("1:/boot/firmware", mounts(plan), specification);
            assertEquals(MountPlan.Rule.OS_RELEASE, plan.rule(), specification);
        }
        assertEquals(1, plan("/dev/sdb1 /srv vfat\n", BOOKWORM).notes().size());
    }

    @Test
    void whatNeedsNoPartitionIsIgnoredSilently() {
        MountPlan plan = plan("""
                tmpfs /tmp tmpfs defaults
                /dev/sda3 none swap sw
                LABEL=rootfs swap swap sw
                server:/export /mnt nfs defaults
                //server/share /mnt cifs defaults
                /dev/sda3 /data ext4 bind
                /home /srv none bind
                """, new BootFacts(false, false, ""));
        assertEquals("", mounts(plan));
        assertEquals(1, plan.notes().size(), plan.notes()::toString);
    }

    @Test
    void noautoIsRespected() {
        assertEquals("1:/boot/firmware", mounts(plan("LABEL=bootfs /boot/firmware vfat ro\nLABEL=my\\040data /data ext4 noauto", BOOKWORM))
                .replace(":ro", ""));
        MountPlan declined = plan("LABEL=bootfs /boot/firmware vfat noauto", BOOKWORM);
        assertEquals("", mounts(declined));
        assertEquals(MountPlan.Rule.NONE, declined.rule());
        assertEquals("1:/boot", mounts(plan("LABEL=bootfs /boot vfat noauto,x-systemd.automount", BOOKWORM)));
    }

    @Test
    void targetsThatClimbOutAreIgnoredWithANote() {
        for (String target : List.of("/../etc", "/boot/../../etc", "boot", "../..", "/a\\000b", "/a\\012b", "/a\\377b",
                "/" + "x".repeat(2000))) {
            MountPlan plan = plan("LABEL=my\\040data " + target + " ext4\nLABEL=bootfs /boot vfat", BOOKWORM);
            assertEquals("1:/boot", mounts(plan), target);
            assertEquals(1, plan.notes().size(), target);
            assertTrue(plan.notes().get(0).chars().noneMatch(Character::isISOControl), target);
        }
    }

    @Test
    void targetsAreNormalised() {
        assertEquals("1:/boot/firmware", mounts(plan("LABEL=bootfs //boot/./firmware/// vfat", BOOKWORM)));
        assertEquals("", mounts(plan("/dev/sda3 /./ ext4\n/dev/sda1 /boot vfat noauto", BOOKWORM)));
    }

    @Test
    void parentsComeBeforeChildren() {
        assertEquals("3:/boot 1:/boot/firmware", mounts(plan("/dev/sda1 /boot/firmware vfat\n/dev/sda3 /boot ext4", BOOKWORM)));
    }

    @Test
    void targetOrPartitionTwiceIsMountedOnce() {
        MountPlan target = plan("/dev/sda1 /boot vfat\n/dev/sda3 /boot/ ext4", BOOKWORM);
        assertEquals("1:/boot", mounts(target));
        assertEquals(1, target.notes().size());
        MountPlan partition = plan("/dev/sda1 /boot vfat\n/dev/sda1 /mnt vfat\n/dev/sda2 /home btrfs subvol=@home", BOOKWORM);
        assertEquals("1:/boot", mounts(partition));
        assertEquals(2, partition.notes().size());
    }

    @Test
    void countIsBounded() {
        List<Volume> many = new ArrayList<>(List.of(ROOT));
        StringBuilder fstab = new StringBuilder();
        for (int number = 5; number < 60; number++) {
            many.add(volume(number, "ext4", "", "", 10));
            fstab.append("/dev/sda").append(number).append(" /mnt/").append(number).append(" ext4\n");
        }
        MountPlan plan = MountPlan.of(many, ROOT, Fstab.parse(fstab.toString().getBytes(StandardCharsets.UTF_8)), BOOKWORM);
        assertEquals(MountPlan.MOUNT_LIMIT, plan.mounts().size());
        assertEquals(32, plan.notes().size());
    }

    @Test
    void withoutFstabTheReleasePlacesTheBootPartition() {
        assertFallback("1:/boot/firmware", MountPlan.Rule.OS_RELEASE, true, true, "bookworm");
        assertFallback("1:/boot/firmware", MountPlan.Rule.OS_RELEASE, true, true, "trixie");
        assertFallback("1:/boot", MountPlan.Rule.OS_RELEASE, true, true, "bullseye");
        assertFallback("1:/boot/firmware", MountPlan.Rule.DIRECTORY, true, true, "");
        assertFallback("1:/boot", MountPlan.Rule.DIRECTORY, true, false, "");
        assertFallback("1:/boot", MountPlan.Rule.DIRECTORY, true, false, "bookworm");
        assertFallback("", MountPlan.Rule.NONE, false, false, "bookworm");
    }

    private static void assertFallback(String mounts, MountPlan.Rule rule, boolean boot, boolean firmware, String codename) {
        MountPlan plan = MountPlan.of(VOLUMES, ROOT, Fstab.EMPTY, new BootFacts(boot, firmware, codename));
        assertEquals(mounts, mounts(plan));
        assertEquals(rule, plan.rule());
    }

    @Test
    void staleFstabStillNamesThePlace() {
        MountPlan plan = plan("PARTUUID=deadbeef-01 /boot vfat defaults", BOOKWORM);
        assertEquals("1:/boot", mounts(plan));
        assertEquals(MountPlan.Rule.FSTAB_TARGET, plan.rule());
        assertEquals(1, plan.notes().size());
    }

    @Test
    void withoutFatTheRootIsAlone() {
        MountPlan plan = MountPlan.of(List.of(ROOT), ROOT, Fstab.EMPTY, BOOKWORM);
        assertEquals(List.of(), plan.mounts());
        assertEquals(MountPlan.Rule.NONE, plan.rule());
    }

    @Test
    void partitionWithoutFilesystemIsPassedOver() {
        Volume blank = new Volume(DATA.partition(), Optional.empty());
        Fstab fstab = Fstab.parse("/dev/sda3 /data ext4".getBytes(StandardCharsets.UTF_8));
        MountPlan plan = MountPlan.of(List.of(ROOT, blank), ROOT, fstab, BOOKWORM);
        assertEquals("", mounts(plan));
        assertTrue(plan.notes().get(0).contains("partition 3 holds no known filesystem"));
    }

    @Test
    void likeliestRootComesFirst() {
        Volume large = volume(4, "btrfs", "", "", 5000);
        assertEquals(List.of(ROOT, large, DATA), MountPlan.rootCandidates(List.of(FAT, DATA, large, ROOT)));
        Volume typed = new Volume(new Partition(5, 0, 1, "b921b045-1df0-41c3-af44-4c6f280d3fae", "", "", false, 0), DATA.filesystem());
        assertEquals(typed, MountPlan.rootCandidates(List.of(ROOT, typed)).get(0));
        assertFalse(MountPlan.rootCandidates(VOLUMES).contains(FAT));
    }

    @Test
    void imageWithoutLinuxPartitionIsRefused() {
        Volume blank = new Volume(DATA.partition(), Optional.empty());
        assertInvalid("no Linux partition: partition 1 holds vfat, partition 3 holds nothing known",
                () -> MountPlan.rootCandidates(List.of(FAT, blank)));
    }
}
