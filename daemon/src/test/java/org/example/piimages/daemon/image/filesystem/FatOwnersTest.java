package org.example.piimages.daemon.image.filesystem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.junit.jupiter.api.Test;

class FatOwnersTest {

    private static final long SIZE = 2000 * 512L;
    /** In SuperblockBuilder.fat32 the table begins at sector 32, and the clusters, of one sector each, at sector 48 with number 2. */
    private static final int TABLE = 32 * 512;
    private static final int CLUSTERS = 48 * 512;
    private static final int END = 0x0FFFFFFF;

    private static SuperblockBuilder fat32() {
        return SuperblockBuilder.fat32(2000, "BOOT       ").intAt(TABLE + 2 * 4, END);
    }

    private static SuperblockBuilder entry(SuperblockBuilder fat, int index, String name, int attributes, int cluster, int size) {
        int at = CLUSTERS + index * 32;
        return fat.textAt(at, name).byteAt(at + 11, attributes).shortAt(at + 26, cluster).intAt(at + 28, size);
    }

    /** Returns the cluster and path of each piece. */
    private static List<String> owners(SuperblockBuilder fat) {
        List<String> owners = new ArrayList<>();
        assertTrue(FatOwners.report(new MemorySource(fat.bytes(), SIZE), Partition.wholeFile(SIZE), (offset, length, path) -> {
            assertEquals(512, length);
            owners.add((offset - CLUSTERS) / 512 + 2 + " " + path);
        }));
        return owners;
    }

    @Test
    void reportsClustersOfFilesAndDirectories() {
        SuperblockBuilder fat = entry(fat32(), 0, "A       TXT", 0x20, 3, 1024).intAt(TABLE + 3 * 4, 6).intAt(TABLE + 6 * 4, END);
        entry(fat, 1, "SUB        ", 0x10, 4, 0).intAt(TABLE + 4 * 4, END).intAt(TABLE + 5 * 4, END);
        int sub = 2 * 16;
        entry(fat, sub, ".          ", 0x10, 4, 0);
        entry(fat, sub + 1, "..         ", 0x10, 0, 0);
        entry(fat, sub + 2, "B          ", 0x20, 5, 1);
        assertEquals(List.of("2 /", "3 /a.txt", "6 /a.txt", "4 /sub", "5 /sub/b"), owners(fat));
    }

    /** Twenty pieces have 260 characters, more than a name may have; a damaged name may have any number. */
    @Test
    void truncatesEndlessLongName() {
        SuperblockBuilder fat = fat32().intAt(TABLE + 3 * 4, END);
        for (int piece = 0; piece < 15; piece++) {
            fat.textAt(CLUSTERS + piece * 32, "\1abcdefghij").byteAt(CLUSTERS + piece * 32 + 11, 0x0F);
        }
        entry(fat, 15, "A       TXT", 0x20, 3, 1);
        assertEquals(2, owners(fat).size());
    }

    @Test
    void visitsLoopsAndSharedClustersOnce() {
        SuperblockBuilder fat = entry(fat32(), 0, "LOOP       ", 0x20, 3, -1).intAt(TABLE + 3 * 4, 3);
        entry(fat, 1, "ROOT       ", 0x10, 2, 0);
        entry(fat, 2, "SAME       ", 0x20, 3, 1);
        entry(fat, 3, "FAR        ", 0x20, 30000, 1);
        fat.intAt(TABLE + 2 * 4, 2);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertEquals(List.of("2 /", "3 /loop"), owners(fat)));
    }

    @Test
    void refusesOtherFilesystems() {
        byte[] bytes = SuperblockBuilder.ext4(100, "x").bytes();
        assertFalse(FatOwners.report(new MemorySource(bytes, SIZE), Partition.wholeFile(SIZE), (offset, length, path) -> {
            throw new AssertionError(path);
        }));
    }
}
