package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.disk.FailureAssertions.assertInvalid;
import static org.example.piimages.daemon.image.table.MbrBuilder.EXTENDED;
import static org.example.piimages.daemon.image.table.MbrBuilder.FAT32_LBA;
import static org.example.piimages.daemon.image.table.MbrBuilder.LINUX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.SuperblockBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MasterBootRecordTest {

    /** The layout of Raspberry Pi OS at a thousandth of its size. */
    private static MbrBuilder raspberryPi() {
        return new MbrBuilder(200).diskId(0x0BADCAFE).primary(1, FAT32_LBA, 8, 40).primary(2, LINUX, 48, 100);
    }

    @Test
    void raspberryPiImageIsRead() {
        PartitionTable table = raspberryPi().active(1).read();
        assertEquals(PartitionTable.Kind.MBR, table.kind());
        assertEquals("0badcafe", table.diskId());
        assertEquals(List.of(new Partition(1, 8 * 512, 40 * 512, "0xc", "0badcafe-01", "", true, 446),
                new Partition(2, 48 * 512, 100 * 512, "0x83", "0badcafe-02", "", false, 462)), table.partitions());
        assertTrue(table.extended().isEmpty());
        assertFalse(table.fromBackup());
    }

    @Test
    void unusedEntriesKeepTheirNumbers() {
        PartitionTable table = new MbrBuilder(200).primary(3, LINUX, 8, 40).read();
        assertEquals(3, table.partitions().get(0).number());
        assertEquals(3, table.partition(3).orElseThrow().number());
        assertTrue(table.partition(1).isEmpty());
    }

    @Test
    void logicalPartitionsCountFromFive() {
        PartitionTable table = new MbrBuilder(200).diskId(0xA).primary(1, FAT32_LBA, 1, 9).primary(2, EXTENDED, 10, 190)
                .link(10, LINUX, 1, 20, 50).link(60, LINUX, 2, 30, 0).read();
        assertEquals(List.of(1, 5, 6), table.partitions().stream().map(Partition::number).toList());
        assertEquals(new Partition(5, 11 * 512, 20 * 512, "0x83", "0000000a-05", "", false, 10 * 512 + 446), table.partitions().get(1));
        assertEquals(62 * 512, table.partitions().get(2).start());
        assertEquals(2, table.extended().orElseThrow().number());
    }

    @Test
    void logicalAloneIsNumberedFive() {
        PartitionTable table = new MbrBuilder(200).primary(4, EXTENDED, 10, 190).link(10, LINUX, 1, 20, 0).read();
        assertEquals(5, table.partitions().get(0).number());
    }

    @Test
    void emptyExtendedPartitionIsNoError() {
        assertEquals(1, new MbrBuilder(200).primary(1, LINUX, 1, 9).primary(2, EXTENDED, 10, 190).read().partitions().size());
    }

    @Test
    void extendedPartitionWithNothingElseIsRefused() {
        assertInvalid("only an empty extended partition", () -> new MbrBuilder(200).primary(2, EXTENDED, 10, 190).read());
    }

    @Test
    void loopOfLogicalPartitionsIsRefused() {
        MbrBuilder loop = new MbrBuilder(200).primary(1, EXTENDED, 10, 190).link(10, LINUX, 1, 2, 50).link(60, LINUX, 1, 2, 0);
        // The second link points to itself, which is possible without an offset of zero.
        assertInvalid("loop", () -> loop.entry(60, 1, 5, 50, 10).read());
        assertInvalid("loop",
                () -> new MbrBuilder(200).primary(1, EXTENDED, 10, 190).link(10, LINUX, 1, 2, 0).entry(10, 1, 5, 0, 9).read());
    }

    @Test
    void tooManyLogicalPartitionsAreRefused() {
        MbrBuilder builder = new MbrBuilder(1000).primary(1, EXTENDED, 10, 990);
        for (int index = 0; index < 200; index++) {
            builder.link(10 + 3 * index, LINUX, 1, 1, 3L * (index + 1));
        }
        assertInvalid("more than 128", builder::read);
    }

    @Test
    void brokenChainIsRefused() {
        assertInvalid("broken", () -> new MbrBuilder(200).primary(1, EXTENDED, 10, 190).link(10, LINUX, 1, 2, 50).read());
        assertInvalid("leaves the extended partition",
                () -> new MbrBuilder(200).primary(1, EXTENDED, 10, 100).link(10, LINUX, 1, 2, 150).read());
        assertInvalid("leaves the extended partition",
                () -> new MbrBuilder(200).primary(1, EXTENDED, 10, 190).link(10, LINUX, 1, 2, 0xFFFFFFFFL).read());
    }

    @Test
    void logicalOutsideExtendedIsRefused() {
        assertInvalid("logical partition 5 is outside",
                () -> new MbrBuilder(200).primary(1, EXTENDED, 10, 50).link(10, LINUX, 40, 20, 0).read());
    }

    @Test
    void secondExtendedPartitionIsRefused() {
        assertInvalid("two extended", () -> new MbrBuilder(200).primary(1, EXTENDED, 10, 50).primary(2, EXTENDED, 60, 50).read());
    }

    @Test
    void partitionPastEndOfFileIsRefused() {
        assertInvalid("partition 2 ends at byte 75776 but the file has 51200 bytes",
                () -> PartitionTable.read(new MemorySource(raspberryPi().bytes(), 51200)));
        assertInvalid("ends at byte 4398046510080",
                () -> new MbrBuilder(200).primary(1, LINUX, 0xFFFFFFFFL, 0xFFFFFFFFL).read());
    }

    @Test
    void imageTruncatedInsideBootPartitionIsRefused() {
        assertInvalid("partition 1 ends at byte 24576", () -> PartitionTable.read(new MemorySource(raspberryPi().bytes(), 10 * 512)));
    }

    @Test
    void overlappingPartitionsAreRefused() {
        assertInvalid("partitions 1 and 2 overlap", () -> new MbrBuilder(200).primary(1, LINUX, 8, 41).primary(2, LINUX, 48, 9).read());
        assertInvalid("partitions 2 and 1 overlap", () -> new MbrBuilder(200).primary(1, LINUX, 50, 1).primary(2, EXTENDED, 48, 9).read());
    }

    @Test
    void entriesWithoutSectorsAreIgnored() {
        PartitionTable table = new MbrBuilder(200).primary(1, LINUX, 8, 41).primary(2, LINUX, 0, 0).primary(3, LINUX, 60, 9).read();
        assertEquals(List.of(1, 3), table.partitions().stream().map(Partition::number).toList());
        assertInvalid("not a disk image", () -> new MbrBuilder(200).primary(1, LINUX, 8, 0).read());
    }

    @Test
    void partitionOnTheTableIsRefused() {
        assertInvalid("overlaps the partition table", () -> new MbrBuilder(200).primary(1, LINUX, 0, 10).read());
    }

    @Test
    void emptyFileAndTinyFileAreRefused() {
        assertInvalid("empty", () -> PartitionTable.read(new MemorySource(new byte[0])));
        assertInvalid("511 bytes", () -> PartitionTable.read(new MemorySource(new byte[511])));
    }

    @Test
    void fileWithoutTableOrFilesystemIsRefused() {
        assertInvalid("not a disk image", () -> PartitionTable.read(new MemorySource(new byte[4096])));
        assertInvalid("not a disk image", () -> new MbrBuilder(9).read());
        byte[] text = "#!/bin/sh\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        assertInvalid("not a disk image", () -> PartitionTable.read(new MemorySource(text)));
    }

    @Test
    void compressedImageIsRefusedWithAdvice() {
        byte[] xz = new byte[1024];
        System.arraycopy(new byte[] {(byte) 0xFD, '7', 'z', 'X', 'Z', 0}, 0, xz, 0, 6);
        assertInvalid("compressed (xz); unpack it first: piimagesctl unpack", () -> PartitionTable.read(new MemorySource(xz)));
    }

    @ParameterizedTest
    @CsvSource({"0, 'QFI\u00fb', qemu-img convert -O raw", "0, KDMV, qemu-img convert", "64, '\u007f\u0010\u00da\u00be', VirtualBox",
        "0, conectix, vhd",
        "0, vhdxfile, vhdx", "0, ':\u00ff&\u00ed', simg2img", "32769, CD001, ISO 9660", "0, 'Rar!', rar archive",
        "257, ustar, piimagesctl unpack",
        "0, 'version https://git-lfs.github.com/spec/v1', git lfs pull", "512, 'EFI PART', gdisk", "0, '<!DOCTYPE html>', a web page",
        "0, '<HTML>', a web page", "0, '<?xml version', download the image again"})
    void otherFormatsAreRefusedWithAdvice(int offset, String magic, String advice) {
        byte[] file = new byte[40_000];
        byte[] bytes = magic.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, file, offset, bytes.length);
        assertInvalid(advice, () -> PartitionTable.read(new MemorySource(file)));
        assertInvalid("not a disk image", () -> PartitionTable.read(new MemorySource(Arrays.copyOf(file, 512))));
    }

    @Test
    void pointerOfGitLfsIsRefusedWithAdvice() {
        byte[] file = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n".getBytes(StandardCharsets.US_ASCII);
        assertInvalid("git lfs pull", () -> PartitionTable.read(new MemorySource(file)));
    }

    @Test
    void hybridIsoImageIsRefusedWithAdvice() {
        byte[] file = new MbrBuilder(200).primary(1, 0x17, 0, 200).content(64, "\u0001CD001".getBytes(StandardCharsets.US_ASCII)).bytes();
        assertInvalid("ISO 9660", () -> PartitionTable.read(new MemorySource(file)));
    }

    @Test
    void filesystemWithoutTableIsOneVolume() {
        PartitionTable table = PartitionTable.read(new MemorySource(SuperblockBuilder.ext4(2, "").bytes(), 8192));
        assertEquals(PartitionTable.Kind.NONE, table.kind());
        assertEquals(List.of(Partition.wholeFile(8192)), table.partitions());
        assertEquals("the image", table.partitions().get(0).title());
    }

    @Test
    void bootSectorOfFilesystemIsNoTable() {
        for (SuperblockBuilder boot : List.of(SuperblockBuilder.fat32(64, "X"), SuperblockBuilder.fat16(64, "X"),
                SuperblockBuilder.exfat(64), SuperblockBuilder.ntfs(64))) {
            // Boot code may look like a partition entry.
            byte[] bytes = boot.byteAt(446 + 4, LINUX).intAt(446 + 8, 1).intAt(446 + 12, 1).bytes();
            assertEquals(PartitionTable.Kind.NONE, PartitionTable.read(new MemorySource(bytes, 64 * 512)).kind());
        }
    }

    @Test
    void entriesWithOddBootFlagsAreNoTable() {
        byte[] bytes = raspberryPi().bytes();
        bytes[446] = 0x20;
        assertInvalid("not a disk image", () -> PartitionTable.read(new MemorySource(bytes)));
    }
}
