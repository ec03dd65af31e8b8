package org.example.piimages.daemon.image.filesystem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.image.disk.MemorySource;
import org.example.piimages.daemon.image.disk.Partition;
import org.junit.jupiter.api.Test;

class FatFilesTest {

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

    private static FatFiles files(SuperblockBuilder fat) {
        return FatFiles.of(new MemorySource(fat.bytes(), SIZE), Partition.wholeFile(SIZE)).orElseThrow();
    }

    private static String text(FatFiles files, String name, int limit) {
        return new String(files.content(name, limit).orElseThrow(), StandardCharsets.US_ASCII);
    }

    @Test
    void ignoresCaseOfNames() {
        SuperblockBuilder fat = entry(fat32(), 0, "BOOT       ", 0x08, 0, 0);
        entry(fat, 1, "CMDLINE TXT", 0x20, 3, 12).intAt(TABLE + 3 * 4, END).textAt(CLUSTERS + 512, "root=/dev/x\nand more");
        entry(fat, 2, "OVERLAYS   ", 0x10, 4, 0);
        entry(fat, 3, "\u00e5OLD    TXT", 0x20, 5, 3);
        fat.byteAt(CLUSTERS + 3 * 32, 0xE5);
        FatFiles files = files(fat);
        assertTrue(files.names().containsAll(Set.of("cmdline.txt", "overlays")), files.names()::toString);
        assertEquals(2, files.names().size(), files.names()::toString);
        assertEquals("root=/dev/x\n", text(files, "cmdline.txt", 1000));
        assertEquals("root", text(files, "cmdline.txt", 4));
        assertEquals(Optional.empty(), files.content("overlays", 10));
        assertEquals(Optional.empty(), files.content("config.txt", 10));
    }

    @Test
    void readsFileInDirectory() {
        SuperblockBuilder fat = entry(fat32(), 0, "CURRENT    ", 0x10, 3, 0).intAt(TABLE + 3 * 4, END).intAt(TABLE + 4 * 4, END);
        entry(fat, 16, ".          ", 0x10, 3, 0);
        entry(fat, 17, "CMDLINE TXT", 0x20, 4, 9).textAt(CLUSTERS + 2 * 512, "root=/dev");
        FatFiles files = files(fat);
        assertEquals("root=/dev", text(files, "current/cmdline.txt", 100));
        assertEquals(Set.of("current"), files.names());
        for (String path : new String[] {"cmdline.txt", "current/", "current/.", "current/x", "new/cmdline.txt", "/cmdline.txt", "/",
            "current/cmdline.txt/x"}) {
            assertEquals(Optional.empty(), files.content(path, 100), path);
        }
    }

    @Test
    void longNameBelongsToEntryWithItsChecksum() {
        SuperblockBuilder fat = fat32();
        int sum = 0;
        for (byte letter : "VMLINU~1   ".getBytes(StandardCharsets.US_ASCII)) {
            sum = ((sum & 1) << 7) + (sum >> 1) + (letter & 0xFF) & 0xFF;
        }
        String name = "vmlinuz-6.12.1";
        for (int piece = 0; piece < 2; piece++) {
            int at = CLUSTERS + (1 - piece) * 32;
            fat.byteAt(at, piece + 1 | (piece == 1 ? 0x40 : 0)).byteAt(at + 11, 0x0F).byteAt(at + 13, sum);
            int[] units = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
            for (int unit = 0; unit < units.length; unit++) {
                int index = piece * 13 + unit;
                fat.shortAt(at + units[unit], index < name.length() ? name.charAt(index) : index == name.length() ? 0 : 0xFFFF);
            }
        }
        entry(fat, 2, "VMLINU~1   ", 0x20, 0, 0);
        assertEquals(Set.of(name), files(fat).names());
        fat.byteAt(CLUSTERS + 13, sum + 1).byteAt(CLUSTERS + 32 + 13, sum + 1);
        assertEquals(Set.of("vmlinu~1"), files(fat).names());
    }

    @Test
    void followsChainsUntilInvalidCluster() {
        SuperblockBuilder fat = entry(fat32(), 0, "A          ", 0x20, 3, 1024).intAt(TABLE + 3 * 4, 5).intAt(TABLE + 5 * 4, END)
                .textAt(CLUSTERS + 512, "one").textAt(CLUSTERS + 3 * 512, "two");
        byte[] content = files(fat).content("a", 4096).orElseThrow();
        assertEquals(1024, content.length);
        assertArrayEquals("two".getBytes(StandardCharsets.US_ASCII), java.util.Arrays.copyOfRange(content, 512, 515));
        assertEquals(512, files(fat.intAt(TABLE + 3 * 4, 0x0FFFFFF7)).content("a", 4096).orElseThrow().length);
        assertEquals(512, files(fat.intAt(TABLE + 3 * 4, 1_000_000)).content("a", 4096).orElseThrow().length);
    }

    @Test
    void limitsReadingInLoop() {
        SuperblockBuilder fat = entry(fat32(), 0, "LOOP       ", 0x20, 3, -1).intAt(TABLE + 3 * 4, 3).intAt(TABLE + 2 * 4, 2);
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> assertEquals(2048, files(fat).content("loop", 2048).orElseThrow().length));
    }

    @Test
    void rootDirectoryOutsideOfFilesystemIsEmpty() {
        assertEquals(Set.of(), files(fat32().intAt(44, -1)).names());
        assertEquals(Set.of(), files(fat32().intAt(36, -1)).names());
        assertEquals(Set.of(), files(SuperblockBuilder.fat16(1000, "BOOT       ")).names());
    }
}
