package org.example.piimages.daemon.image.filesystem;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.junit.jupiter.api.Test;

/** Tests the unused space of ext, FAT and swap; care-read.sh compares that of real ext filesystems with the output of dumpe2fs. */
class UnusedSpaceTest {

    private static final int BLOCK = 4096;
    private static final int EXT_BLOCKS = 300;
    private static final int SUPERBLOCK = 1024;
    private static final int DESCRIPTORS = BLOCK;
    private static final int DESCRIPTOR = 64;
    private static final String UNCLEAN = "the filesystem was not unmounted cleanly";
    private static final String CONTRADICTION = "its bitmaps contradict its descriptors";

    private static final int FAT_SECTORS = 1000;
    private static final int TABLE = 32 * 512;
    private static final int COPY = 40 * 512;
    private static final int CLUSTERS = 48 * 512;

    private final List<Long> found = new ArrayList<>();

    private Optional<String> report(ByteSource source) {
        return report(source, Partition.wholeFile(source.size()));
    }

    private Optional<String> report(ByteSource source, Partition partition) {
        found.clear();
        return UnusedSpace.report(source, partition, Filesystem.probe(source, partition).orElseThrow(), (start, end) -> {
            found.add(start);
            found.add(end);
        });
    }

    /**
     * An ext filesystem of two groups: one with a bitmap, in which blocks 10 to 19 and all from 21 on are free, and one with an
     * uninitialized bitmap and copies of the superblock and descriptors.
     */
    private static ByteBuffer ext() {
        byte[] superblock = SuperblockBuilder.ext4(EXT_BLOCKS, "").shortAt(SUPERBLOCK + 0x3A, 1).intAt(SUPERBLOCK + 0x20, 256)
                .intAt(SUPERBLOCK + 0x28, 16).shortAt(SUPERBLOCK + 0x58, 256).shortAt(SUPERBLOCK + 0xFE, DESCRIPTOR).bytes();
        ByteBuffer image = ByteBuffer.allocate(EXT_BLOCKS * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, superblock);
        for (int group = 0; group < 2; group++) {
            int at = DESCRIPTORS + group * DESCRIPTOR;
            image.putInt(at, 2 + group).putInt(at + 4, 4 + group).putInt(at + 8, 6 + group)
                    .putShort(at + 12, (short) (group == 0 ? 245 : 42))
                    .putShort(at + 0x12, (short) (group == 0 ? 0 : 2));
        }
        return image.putInt(2 * BLOCK, 0x1003FF);
    }

    private Optional<String> reportExt(ByteBuffer image) {
        return report(new MemorySource(image.array()));
    }

    @Test
    void reportsFreeBlocksOfAllGroups() {
        assertEquals(Optional.empty(), reportExt(ext()));
        assertEquals(List.of(10L * BLOCK, 20L * BLOCK, 21L * BLOCK, 256L * BLOCK, 258L * BLOCK, 300L * BLOCK), found);
    }

    @Test
    void inodeTableInUninitializedGroupIsUsed() {
        ByteBuffer image = ext().putInt(DESCRIPTORS + 8, 270).putShort(DESCRIPTORS + DESCRIPTOR + 12, (short) 41);
        assertEquals(Optional.empty(), reportExt(image));
        assertEquals(List.of(258L * BLOCK, 270L * BLOCK, 271L * BLOCK, 300L * BLOCK), found.subList(4, 8));
    }

    @Test
    void refusesUncleanOrContradictoryExt() {
        assertEquals(Optional.of(UNCLEAN), reportExt(ext().putShort(SUPERBLOCK + 0x3A, (short) 0)));
        assertEquals(Optional.of(UNCLEAN), reportExt(ext().putShort(SUPERBLOCK + 0x3A, (short) 3)));
        assertEquals(Optional.of(UNCLEAN), reportExt(ext().putInt(SUPERBLOCK + 0x60, 0x2C6)));
        assertEquals(Optional.of(CONTRADICTION), reportExt(ext().putShort(DESCRIPTORS + 12, (short) 244)));
        assertEquals(Optional.of(CONTRADICTION), reportExt(ext().putInt(DESCRIPTORS, 0)));
        assertEquals(Optional.of(CONTRADICTION), reportExt(ext().putInt(DESCRIPTORS + DESCRIPTOR, EXT_BLOCKS)));
        assertEquals(Optional.of("the layout of the filesystem is not supported"), reportExt(ext().putInt(SUPERBLOCK + 0x64, 0x66B)));
        assertEquals(Optional.of("the layout of the filesystem is not supported"), reportExt(ext().putInt(SUPERBLOCK + 0x20, 0)));
    }

    /** Creating a RAID or another filesystem leaves the previous content readable. */
    @Test
    void refusesSeveralSuperblocks() {
        String raid = "it is part of a RAID";
        assertEquals(Optional.of(raid), reportFat(fat().intAt(4096, 0xA92B4EFC).intAt(4100, 1)));
        assertEquals(Optional.of(raid), reportExt(ext().putInt(0, 0xA92B4EFC).putInt(4, 1)));
        ByteBuffer both = ext();
        both.put(0, SuperblockBuilder.fat32(FAT_SECTORS, "BOOT       ").bytes(), 0, 512);
        assertEquals(Optional.of("it has the superblocks of two filesystems"), reportExt(both));
    }

    /** The tool that created it may have left the previous superblock in place. */
    @Test
    void refusesSuperblockOfUnsupportedFilesystem() {
        for (Map.Entry<Integer, String> magic : Map.of(0x8001, "BEA01", 0x8801, "NSR02", 0x8000, "JFS1").entrySet()) {
            assertEquals(Optional.of("it has the superblocks of two filesystems"),
                    reportExt(ext().put(magic.getKey(), magic.getValue().getBytes(StandardCharsets.US_ASCII))));
        }
    }

    @Test
    void refusesUnknownFeatures() {
        String layout = "the layout of the filesystem is not supported";
        assertEquals(Optional.of(layout), reportExt(ext().putInt(SUPERBLOCK + 0x60, 0x2C2 | 0x1000000)));
        assertEquals(Optional.of(layout), reportExt(ext().putInt(SUPERBLOCK + 0x64, 0x46B | 0x1000000)));
    }

    @Test
    void refusesUnsupportedAndTruncatedFilesystems() {
        assertEquals(Optional.of("the free space of squashfs is not known"),
                report(new MemorySource(SuperblockBuilder.squashfs(1 << 20).bytes(), 1 << 20)));
        assertEquals(Optional.of("the filesystem is larger than the partition"),
                report(new MemorySource(SuperblockBuilder.ext4(EXT_BLOCKS, "").bytes(), 4096)));
        assertEquals(Optional.of("the layout of the filesystem is not supported"),
                report(new MemorySource(SuperblockBuilder.btrfs(1 << 20, "").bytes(), 1 << 20)));
        assertEquals(Optional.of("the layout of the filesystem is not supported"),
                report(new MemorySource(SuperblockBuilder.f2fs(256, "").bytes(), 1 << 20)));
    }

    private Optional<String> reportSwap(SuperblockBuilder swap, String type) {
        MemorySource source = new MemorySource(swap.bytes(), 1 << 20);
        return report(source, new Partition(1, 0, 1 << 20, type, "", "", false, 512));
    }

    /** All but the largest possible header is unused. */
    @Test
    void swapSpaceRequiresSwapPartition() {
        for (String type : List.of("0x82", "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f")) {
            assertEquals(Optional.empty(), reportSwap(SuperblockBuilder.swap(4096, 100, ""), type));
            assertEquals(List.of(65536L, 101L * 4096), found);
            assertEquals(Optional.empty(), reportSwap(SuperblockBuilder.swap(16384, 63, ""), type));
            assertEquals(List.of(65536L, 1L << 20), found);
            assertEquals(Optional.empty(), reportSwap(SuperblockBuilder.swap(4096, 9, ""), type));
            assertEquals(List.of(), found);
        }
        assertEquals(Optional.of("it has a swap header, but is no swap partition"),
                reportSwap(SuperblockBuilder.swap(4096, 100, ""), "0x83"));
        assertEquals(Optional.of("the version of the swap header is not supported"),
                reportSwap(SuperblockBuilder.swap(4096, 100, "").intAt(1024, 2), "0x82"));
        assertEquals(Optional.of("it has the superblocks of two filesystems"),
                reportSwap(SuperblockBuilder.swap(4096, 100, "").textAt(0, "XFSB").intAt(4, 0x00100000), "0x82"));
    }

    /** A hibernated system has replaced the signature. */
    @Test
    void hibernatedSystemIsNotSwapSpace() {
        MemorySource source = new MemorySource(SuperblockBuilder.swap(4096, 100, "").textAt(4086, "S1SUSPEND\0").bytes(), 1 << 20);
        assertEquals(Optional.empty(), Filesystem.probe(source, Partition.wholeFile(1 << 20)));
    }

    private static SuperblockBuilder fat() {
        SuperblockBuilder fat = SuperblockBuilder.fat32(FAT_SECTORS, "BOOT       ");
        for (int table : new int[] {TABLE, COPY}) {
            fat.intAt(table, 0x0FFFFFF8).intAt(table + 4, 0x0FFFFFFF).intAt(table + 8, 0x0FFFFFFF).intAt(table + 5 * 4, 0x0FFFFFFF)
                    .intAt(table + 6 * 4, 0x0FFFFFF7).intAt(table + 7 * 4, 0xF0000000);
        }
        return fat;
    }

    private Optional<String> reportFat(SuperblockBuilder fat) {
        return report(new MemorySource(fat.bytes(), FAT_SECTORS * 512L));
    }

    /** Cluster 6 is bad; the upper four bits of an entry of FAT32 are ignored. */
    @Test
    void reportsFreeAndBadClusters() {
        assertEquals(Optional.empty(), reportFat(fat()));
        assertEquals(List.of(CLUSTERS + 512L, CLUSTERS + 3 * 512L, CLUSTERS + 4 * 512L, FAT_SECTORS * 512L), found);
    }

    @Test
    void refusesUncleanFatAndDifferentTables() {
        assertEquals(Optional.of(UNCLEAN), reportFat(fat().byteAt(65, 1)));
        assertEquals(Optional.of(UNCLEAN), reportFat(fat().intAt(TABLE + 4, 0x07FFFFFF).intAt(COPY + 4, 0x07FFFFFF)));
        assertEquals(Optional.of("its tables differ"), reportFat(fat().intAt(COPY + 400, 5)));
        assertEquals(Optional.of("its tables differ"), reportFat(fat().byteAt(40, 0x80)));
        assertEquals(Optional.of("its table is too short"), reportFat(fat().intAt(36, 7)));
    }

    /** Three bytes of FAT12 contain two entries; the root directory is in its own area before the clusters. */
    @Test
    void readsFat12() {
        byte[] fat12 = SuperblockBuilder.fat16(1000, "BOOT       ").bytes();
        ByteBuffer image = ByteBuffer.allocate(1000 * 512).order(ByteOrder.LITTLE_ENDIAN);
        image.put(0, fat12);
        for (int table : new int[] {512, 5 * 512}) {
            image.putInt(table, 0x00FFFFF8).putInt(table + 3, 0x00000FFF).putShort(table + 6, (short) 0xF000).put(table + 8, (byte) 0xFF);
        }
        long clusters = (1 + 8 + 32) * 512L;
        long behind = clusters + (1000 - 41) / 4 * 2048L;
        assertEquals(Optional.empty(), report(new MemorySource(image.array())));
        // Clusters 2 and 5 are in use.
        assertEquals(List.of(clusters + 2048, clusters + 3 * 2048, clusters + 4 * 2048, behind), found);
    }
}
