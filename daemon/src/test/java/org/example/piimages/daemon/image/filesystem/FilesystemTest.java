package org.example.piimages.daemon.image.filesystem;

import static org.example.piimages.daemon.image.disk.FailureAssertions.assertInvalid;
import static org.example.piimages.daemon.image.filesystem.SuperblockBuilder.UUID_TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.table.MbrBuilder;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;
import org.junit.jupiter.api.Test;

class FilesystemTest {

    private static final long SIZE = 1 << 20;

    private static Optional<Filesystem> probe(byte[] content) {
        return Filesystem.probe(new MemorySource(content, SIZE), Partition.wholeFile(SIZE));
    }

    private static Filesystem found(SuperblockBuilder builder) {
        return probe(builder.bytes()).orElseThrow();
    }

    private static void assertFound(String type, String uuid, String label, long size, SuperblockBuilder builder) {
        Filesystem filesystem = found(builder);
        assertEquals(new Filesystem(type, uuid, label, false, size, filesystem.extFeatures()), filesystem);
    }

    @Test
    void everyKnownTypeIsFound() {
        assertFound("ext4", UUID_TEXT, "rootfs", 100 * 4096, SuperblockBuilder.ext4(100, "rootfs"));
        assertFound("btrfs", UUID_TEXT, "data", 5000, SuperblockBuilder.btrfs(5000, "data"));
        assertFound("f2fs", UUID_TEXT, "flash", 7 * 4096, SuperblockBuilder.f2fs(7, "flash"));
        assertFound("xfs", UUID_TEXT, "x", 9 * 4096, SuperblockBuilder.xfs(9, "x"));
        assertFound("squashfs", "", "", 1234, SuperblockBuilder.squashfs(1234));
        assertFound("erofs", UUID_TEXT, "system", 8 * 4096, SuperblockBuilder.erofs(8, "system"));
        assertFound("crypto_LUKS", UUID_TEXT, "locked", 0, SuperblockBuilder.luks(2, "locked"));
        assertFound("crypto_LUKS", UUID_TEXT, "", 0, SuperblockBuilder.luks(1, "locked"));
        assertFound("LVM2_member", "", "", 0, SuperblockBuilder.lvm());
        assertFound("exfat", "1234-5678", "", 100 * 512, SuperblockBuilder.exfat(100));
        assertFound("ntfs", "0123456789ABCDEF", "", 100 * 512, SuperblockBuilder.ntfs(100));
        assertFound("swap", UUID_TEXT, "s", 10 * 4096, SuperblockBuilder.swap(4096, 9, "s"));
        assertFound("swap", UUID_TEXT, "", 10 * 65536, SuperblockBuilder.swap(65536, 9, ""));
    }

    @Test
    void fatLabelIsTheVolumeEntry() {
        assertFound("vfat", "ABCD-1234", "bootfs", 2000 * 512, SuperblockBuilder.fat32(2000, "NO NAME    ").fatVolumeEntry("bootfs     "));
        assertFound("vfat", "ABCD-1234", "RASPIFIRM", 2000 * 512, SuperblockBuilder.fat32(2000, "RASPIFIRM  "));
        assertFound("vfat", "ABCD-1234", "", 2000 * 512, SuperblockBuilder.fat32(2000, "NO NAME    "));
        assertFound("vfat", "0000-BEEF", "boot", 1000 * 512, SuperblockBuilder.fat16(1000, "boot       "));
    }

    @Test
    void fatWithInvalidRootDirectoryHasBootSectorLabel() {
        assertEquals("BOOT", found(SuperblockBuilder.fat32(2000, "BOOT       ").intAt(44, -1)).label());
        assertEquals("BOOT", found(SuperblockBuilder.fat32(2000, "BOOT       ").intAt(44, 0)).label());
        assertEquals("BOOT", found(SuperblockBuilder.fat32(2000, "BOOT       ").intAt(36, -1)).label());
    }

    @Test
    void extVersionFollowsItsFeatures() {
        int features = 1024 + 0x5C;
        assertEquals("ext2", found(SuperblockBuilder.ext4(1, "").intAt(features, 0).intAt(features + 4, 2).intAt(features + 8, 3)).type());
        assertEquals("ext3", found(SuperblockBuilder.ext4(1, "").intAt(features, 4).intAt(features + 4, 2).intAt(features + 8, 3)).type());
        assertEquals("ext4", found(SuperblockBuilder.ext4(1, "").intAt(features + 4, 0x42)).type());
        assertEquals("ext2", found(SuperblockBuilder.ext4(1, "").intAt(1024 + 0x4C, 0)).type());
        assertTrue(probe(SuperblockBuilder.ext4(1, "").intAt(features + 4, 8).bytes()).isEmpty(), "an external journal is no filesystem");
    }

    @Test
    void extFeatureWordsAreKept() {
        assertEquals(Optional.of(new ExtFeatures(0x103C, 0x2C2, 0x46B)),
                found(SuperblockBuilder.ext4(1, "").intAt(1024 + 0x5C, 0x103C)).extFeatures());
    }

    @Test
    void dirtyJournalNeedsRecovery() {
        assertTrue(found(SuperblockBuilder.ext4(1, "").intAt(1024 + 0x60, 0x2C2 | 4)).needsRecovery());
        assertFalse(found(SuperblockBuilder.ext4(1, "")).needsRecovery());
    }

    @Test
    void filesystemLargerThanItsPartitionIsRefused() {
        Partition partition = new Partition(2, 0, SIZE, "0x83", "", "", false, 0);
        Filesystem fitting = found(SuperblockBuilder.ext4(SIZE / 4096, ""));
        assertTrue(fitting.fits(partition));
        fitting.requireFits(partition);
        Filesystem cut = found(SuperblockBuilder.ext4(SIZE / 4096 + 1, ""));
        assertFalse(cut.fits(partition));
        assertInvalid("the ext4 filesystem in partition 2 has 1052672 bytes, but only 1048576 are available",
                () -> cut.requireFits(partition));
    }

    @Test
    void absurdSizesSaturate() {
        assertEquals(Long.MAX_VALUE, found(SuperblockBuilder.ext4(-1, "")).size());
        assertEquals(Long.MAX_VALUE, found(SuperblockBuilder.btrfs(-1, "")).size());
        assertEquals(Long.MAX_VALUE, found(SuperblockBuilder.xfs(1L << 60, "")).size());
    }

    @Test
    void unknownContentIsNothing() {
        assertTrue(probe(new byte[0]).isEmpty());
        assertTrue(probe(SuperblockBuilder.ext4(1, "").intAt(1024 + 0x18, 99).bytes()).isEmpty());
    }

    @Test
    void partitionOfOneSectorIsProbedWithoutError() {
        assertTrue(Filesystem.probe(new MemorySource(new byte[0], 512), Partition.wholeFile(512)).isEmpty());
    }

    @Test
    void partitionIsProbedWhereItIs() {
        byte[] ext = SuperblockBuilder.ext4(2, "here").bytes();
        byte[] image = new MbrBuilder(100).primary(1, MbrBuilder.LINUX, 10, 50).content(10, ext).bytes();
        MemorySource source = new MemorySource(image);
        Volume volume = Volume.probe(source, PartitionTable.read(source)).get(0);
        assertEquals("here", volume.filesystem().orElseThrow().label());
    }

    @Test
    void hostileLabelIsShownEscaped() {
        String label = found(SuperblockBuilder.ext4(1, "a\n\u001b[2J\u202e\"")).label();
        assertEquals("a\n\u001b[2J\u202e\"", label);
        assertEquals("\"a\\u{a}\\u{1b}[2J\\u{202e}\\\"\"", Printable.quoted(label));
    }

    @Test
    void longTextIsShownShortened() {
        assertEquals("\"" + "x".repeat(64) + "…\"", Printable.quoted("x".repeat(10_000)));
        assertEquals("\"Größe 日本 😀\"", Printable.quoted("Größe 日本 😀"));
    }
}
