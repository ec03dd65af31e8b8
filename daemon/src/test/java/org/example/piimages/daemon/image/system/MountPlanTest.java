package org.example.piimages.daemon.image.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.filesystem.SuperblockBuilder;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;
import org.junit.jupiter.api.Test;

class MountPlanTest {

    private static final Volume FAT = volume(1, "vfat", "ABCD-1234", "bootfs", 100);
    private static final Volume ROOT = volume(2, "ext4", SuperblockBuilder.UUID_TEXT, "rootfs", 1000);
    private static final Volume DATA = volume(3, "ext4", "33333333-89ab-cdef-0123-456789abcdef", "my data", 500);
    private static final List<Volume> VOLUMES = List.of(FAT, ROOT, DATA);

    private static Volume volume(int number, String type, String uuid, String label, long length) {
        Partition partition = new Partition(number, number * 100_000L, length, "0x83", "0badcafe-0" + number, "part " + number, false, 0);
        return new Volume(partition, Optional.of(new Filesystem(type, uuid, label, false, length, Optional.empty())));
    }

    private static MountPlan plan(String fstab, DirectoryState boot, DirectoryState firmware, String codename) {
        return plan(VOLUMES, Fstab.parse(fstab.getBytes(StandardCharsets.UTF_8)), boot, firmware, codename);
    }

    private static MountPlan plan(List<Volume> volumes, Fstab fstab, DirectoryState boot, DirectoryState firmware, String codename) {
        PartitionTable table = new PartitionTable(PartitionTable.Kind.MBR, "", volumes.stream().map(Volume::partition).toList(),
                Optional.empty(), 0, 1L << 40, false);
        List<BootFiles> boots = volumes.stream().filter(FAT::equals).map(volume -> new BootFiles(volume, true, false, Optional.empty(),
                KernelCommandLine.EMPTY, SlotMap.EMPTY)).toList();
        SystemChoice choice = new SystemChoice(new Disk(table, volumes, boots), PartitionSelection.NONE);
        return MountPlan.of(choice,
                new RootFacts(new RootLocation(ROOT, ""), fstab, new OsRelease(codename, ""), true, true, boot, firmware));
    }

    private static MountPlan plan(String fstab) {
        return plan(fstab, DirectoryState.EMPTY, DirectoryState.EMPTY, "bookworm");
    }

    private static String mounts(MountPlan plan) {
        return String.join(" ", plan.mounts().stream().map(mount -> (mount instanceof MountPlan.VolumeMount volume
                ? String.valueOf(volume.volume().partition().number()) : ((MountPlan.BindMount) mount).source()) + ":" + mount.target())
                .toList());
    }

    @Test
    void fstabSetsBootMountPoint() {
        MountPlan plan = plan("proc /proc proc defaults\nPARTUUID=0badcafe-01 /boot/firmware vfat defaults,ro 0 2\n"
                + "PARTUUID=0badcafe-02 / ext4 defaults 0 1");
        assertEquals("1:/boot/firmware", mounts(plan));
        assertEquals(MountPlan.Rule.FSTAB, plan.rule());
        assertEquals(List.of(), plan.notes());
    }

    @Test
    void everySpecificationFindsItsPartition() {
        for (String specification : List.of("PARTUUID=0BADCAFE-01", "UUID=ABCD-1234", "UUID=\"abcd-1234\"", "LABEL=bootfs",
                "PARTLABEL=part\\0401", "/dev/disk/by-uuid/ABCD-1234", "/dev/disk/by-partuuid/0badcafe-01", "/dev/disk/by-label/bootfs",
                "/dev/disk/by-partlabel/part\\x201", "/dev/mmcblk0p1", "/dev/mmcblk1p1", "/dev/sda1", "/dev/vda1", "/dev/nvme0n1p1")) {
            MountPlan plan = plan(specification + " /boot vfat");
            assertEquals("1:/boot", mounts(plan), specification);
            assertEquals(MountPlan.Rule.FSTAB, plan.rule(), specification);
        }
    }

    @Test
    void otherDisksAndUnknownNamesMatchNothing() {
        for (String specification : List.of("/dev/sdb1", "/dev/sda0", "/dev/sda9", "/dev/mmcblk0", "/dev/mapper/x", "LABEL=x", "UUID=",
                "/dev/sda99999999999", "/dev/disk/by-path/x", "LABEL=")) {
            MountPlan plan = plan(specification + " /srv vfat\n");
            assertEquals("1:/boot/firmware", mounts(plan), specification);
            assertEquals(MountPlan.Rule.OS_RELEASE, plan.rule(), specification);
        }
        assertEquals(1, plan("/dev/sdb1 /srv vfat\n").notes().size());
    }

    @Test
    void entriesWithoutPartitionAreIgnoredSilently() {
        MountPlan plan = plan("""
                tmpfs /tmp tmpfs defaults
                /dev/sda3 none swap sw
                LABEL=rootfs swap swap sw
                server:/export /mnt nfs defaults
                //server/share /mnt cifs defaults
                /dev/sda3 /data ext4 bind
                /home /srv none bind
                """, DirectoryState.MISSING, DirectoryState.MISSING, "");
        assertEquals("/home:/srv", mounts(plan));
        // One for the bind mount of a device, and one for the boot partition without a mount point.
        assertEquals(2, plan.notes().size(), plan.notes()::toString);
    }

    @Test
    void noautoIsRespected() {
        assertEquals("1:/boot/firmware", mounts(plan("LABEL=bootfs /boot/firmware vfat ro\nLABEL=my\\040data /data ext4 noauto")));
        MountPlan declined = plan("LABEL=bootfs /boot/firmware vfat noauto");
        assertEquals("", mounts(declined));
        assertEquals(MountPlan.Rule.NONE, declined.rule());
        assertEquals("1:/boot", mounts(plan("LABEL=bootfs /boot vfat noauto,x-systemd.automount")));
    }

    @Test
    void invalidTargetsAreSkippedWithNote() {
        for (String target : List.of("/../etc", "/boot/../../etc", "boot", "../..", "/a\\000b", "/a\\012b", "/a\\377b",
                "/" + "x".repeat(2000))) {
            MountPlan plan = plan("LABEL=my\\040data " + target + " ext4\nLABEL=bootfs /boot vfat");
            assertEquals("1:/boot", mounts(plan), target);
            assertEquals(1, plan.notes().size(), target);
            assertTrue(plan.notes().get(0).chars().noneMatch(Character::isISOControl), target);
        }
    }

    @Test
    void targetsAreNormalised() {
        assertEquals("1:/boot/firmware", mounts(plan("LABEL=bootfs //boot/./firmware/// vfat")));
        assertEquals("", mounts(plan("/dev/sda3 /./ ext4\n/dev/sda1 /boot vfat noauto")));
    }

    @Test
    void parentsComeBeforeChildren() {
        assertEquals("3:/boot 1:/boot/firmware", mounts(plan("/dev/sda1 /boot/firmware vfat\n/dev/sda3 /boot ext4")));
    }

    @Test
    void repeatedTargetOrPartitionIsMountedOnce() {
        MountPlan target = plan("/dev/sda1 /boot vfat\n/dev/sda3 /boot/ ext4");
        assertEquals("1:/boot", mounts(target));
        assertEquals(1, target.notes().size());
        MountPlan partition = plan("/dev/sda1 /boot vfat\n/dev/sda1 /mnt vfat\n/dev/sda2 /home ext4 subvol=@home");
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
        Fstab all = Fstab.parse(fstab.toString().getBytes(StandardCharsets.UTF_8));
        MountPlan plan = plan(many, all, DirectoryState.EMPTY, DirectoryState.EMPTY, "");
        assertEquals(MountPlan.MOUNT_LIMIT, plan.mounts().size());
        assertEquals(23, plan.notes().size());
    }

    @Test
    void releaseSetsBootMountPointWithoutFstab() {
        assertFallback("1:/boot/firmware", MountPlan.Rule.OS_RELEASE, true, true, "bookworm");
        assertFallback("1:/boot/firmware", MountPlan.Rule.OS_RELEASE, true, true, "trixie");
        assertFallback("1:/boot", MountPlan.Rule.OS_RELEASE, true, true, "bullseye");
        assertFallback("1:/boot/firmware", MountPlan.Rule.DIRECTORY, true, true, "");
        assertFallback("1:/boot", MountPlan.Rule.DIRECTORY, true, false, "");
        assertFallback("1:/boot", MountPlan.Rule.DIRECTORY, true, false, "bookworm");
        assertFallback("", MountPlan.Rule.NONE, false, false, "bookworm");
    }

    private static void assertFallback(String mounts, MountPlan.Rule rule, boolean boot, boolean firmware, String codename) {
        MountPlan plan = plan("", state(boot), state(firmware), codename);
        assertEquals(mounts, mounts(plan));
        assertEquals(rule, plan.rule());
    }

    private static DirectoryState state(boolean exists) {
        return exists ? DirectoryState.EMPTY : DirectoryState.MISSING;
    }

    @Test
    void staleFstabSetsBootMountPoint() {
        MountPlan plan = plan("PARTUUID=deadbeef-01 /boot vfat defaults");
        assertEquals("1:/boot", mounts(plan));
        assertEquals(MountPlan.Rule.FSTAB_TARGET, plan.rule());
        assertEquals(1, plan.notes().size());
    }

    @Test
    void imageWithoutFatHasOnlyRoot() {
        MountPlan plan = plan(List.of(ROOT), Fstab.EMPTY, DirectoryState.EMPTY, DirectoryState.EMPTY, "");
        assertEquals(List.of(), plan.mounts());
        assertEquals(MountPlan.Rule.NONE, plan.rule());
    }

    @Test
    void partitionWithoutFilesystemIsSkipped() {
        Volume blank = new Volume(DATA.partition(), Optional.empty());
        Fstab fstab = Fstab.parse("/dev/sda3 /data ext4".getBytes(StandardCharsets.UTF_8));
        MountPlan plan = plan(List.of(ROOT, blank), fstab, DirectoryState.EMPTY, DirectoryState.EMPTY, "");
        assertEquals("", mounts(plan));
        assertTrue(plan.notes().get(0).contains("partition 3 contains no known filesystem"));
    }

    @Test
    void guessedMountPointHidesNoFiles() {
        MountPlan plan = plan("", DirectoryState.NOT_EMPTY, DirectoryState.MISSING, "");
        assertEquals("", mounts(plan));
        assertEquals(MountPlan.Rule.NONE, plan.rule());
        assertTrue(plan.notes().get(0).contains("would hide the files in /boot"), plan.notes()::toString);
        assertEquals("1:/boot", mounts(plan("LABEL=bootfs /boot vfat defaults", DirectoryState.NOT_EMPTY, DirectoryState.MISSING, "")));
    }

    @Test
    void fatWithoutBootFilesIsNotBootPartition() {
        Volume setup = volume(4, "vfat", "", "DIETPISETUP", 10);
        assertEquals("", mounts(plan(List.of(ROOT, setup), Fstab.EMPTY, DirectoryState.EMPTY, DirectoryState.EMPTY, "")));
    }

    @Test
    void sortsBindMountsByDependencies() {
        String fstab = """
                /data/.var /var none rbind 0 0
                /dev/sda1 /var/boot vfat
                LABEL=my\\040data /data ext4
                """;
        assertEquals("3:/data /data/.var:/var 1:/var/boot", mounts(plan(fstab)));
        MountPlan circle = plan("""
                /a/x /b none bind
                /b/y /a none bind
                /dev/sda1 /boot vfat
                """);
        assertEquals("1:/boot /b/y:/a", mounts(circle));
        assertEquals(1, circle.notes().size(), circle.notes()::toString);
        for (String source : List.of("/dev/shm", "/proc/1/root", "/", "../x", "/run")) {
            assertEquals("1:/boot", mounts(plan(source + " /srv none bind\n/dev/sda1 /boot vfat\n")), source);
        }
    }

    @Test
    void runtimeDirectoriesAreSkipped() {
        for (String target : List.of("/run/data", "/var/run/data", "/proc", "/dev/x", "/sys/y")) {
            MountPlan plan = plan("/dev/sda3 " + target + " ext4 nofail\n/dev/sda1 /boot vfat\n");
            assertEquals("1:/boot", mounts(plan), target);
            assertEquals(1, plan.notes().size(), target);
        }
    }

    @Test
    void overlayIsSkippedWithNote() {
        assertEquals(1, plan("overlay /etc overlay lowerdir=/etc,upperdir=/x,workdir=/y\n/dev/sda1 /boot vfat\n").notes().size());
    }
}
