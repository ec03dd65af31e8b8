package org.example.piimages.daemon.image.care.packing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.BlockMap;
import org.example.piimages.daemon.image.disk.ByteRange;
import org.junit.jupiter.api.Test;

/** Tests the files that pack creates next to the packed image. */
class PublishedFilesTest {

    private static final ByteRange FIRST = new ByteRange(0, 8192);
    private static final ByteRange SECOND = new ByteRange(12288, 16384);
    private static final ByteRange LAST = new ByteRange(20480, 24677);
    private static final ImagerManifest.Summed IMAGE = new ImagerManifest.Summed(24677, "1".repeat(64));
    private static final ImagerManifest.Summed PACKED = new ImagerManifest.Summed(99, "2".repeat(64));

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) {
            bytes[i] = (byte) (i * 31 + i / 256);
        }
        return bytes;
    }

    @Test
    void computesSumsForAnyPieceSize() throws IOException {
        byte[] image = bytes((int) LAST.end());
        List<String> expected = Stream.of(FIRST, SECOND, LAST)
                .map(range -> JavaChecksum.of(Arrays.copyOfRange(image, (int) range.start(), (int) range.end()))).toList();
        for (int piece : new int[] {1, 4095, 4096, 10_000, 100_000}) {
            RangeChecksums sums = new RangeChecksums(List.of(FIRST, SECOND, LAST), range -> new JavaChecksum());
            for (int at = 0; at < image.length; at += piece) {
                byte[] next = Arrays.copyOfRange(image, at, Math.min(at + piece, image.length));
                sums.pass(Arrays.copyOf(next, piece + 7), next.length);
            }
            assertEquals(expected, sums.sums(), piece + " bytes at a time");
        }
    }

    @Test
    void countsBlocksWithShortLastOne() {
        String map = BlockMapFile.text(LAST.end(), List.of(FIRST, SECOND, LAST), List.of("a1", "b2", "c3"));
        assertTrue(map.contains("<bmap version=\"2.0\">"), map);
        assertTrue(map.contains("<ImageSize> 24677 </ImageSize>"), map);
        assertTrue(map.contains("<BlockSize> 4096 </BlockSize>"), map);
        assertTrue(map.contains("<BlocksCount> 7 </BlocksCount>"), map);
        assertTrue(map.contains("<MappedBlocksCount> 5 </MappedBlocksCount>"), map);
        assertTrue(map.contains("<Range chksum=\"a1\"> 0-1 </Range>"), map);
        assertTrue(map.contains("<Range chksum=\"b2\"> 3 </Range>"), map);
        assertTrue(map.contains("<Range chksum=\"c3\"> 5-6 </Range>"), map);
    }

    @Test
    void computesMapChecksumWithZerosInItsPlace() {
        assertEquals("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", JavaChecksum.of(new byte[0]));
        String map = BlockMapFile.text(8192, List.of(FIRST), List.of("a1"));
        Matcher own = Pattern.compile("<BmapFileChecksum> ([0-9a-f]{64}) <").matcher(map);
        assertTrue(own.find(), map);
        assertEquals(JavaChecksum.of(map.replace(own.group(1), "0".repeat(64)).getBytes(StandardCharsets.US_ASCII)), own.group(1));
    }

    @Test
    void widensRangesToWholeBlocks() {
        assertEquals(List.of(new ByteRange(0, 4096), new ByteRange(4 << 20, (4 << 20) + 5)),
                BlockMap.widened(List.of(new ByteRange(10, 20), new ByteRange((4 << 20) + 1, (4 << 20) + 3)), (4 << 20) + 5));
    }

    @Test
    void writesRequiredFieldsOfManifest() {
        String manifest = ImagerManifest.text(PublishedSystem.of("Pi \"OS\"", "cloudinit-rpi", "aarch64"), "/home/a b/ü+%.img.xz",
                "ü+%.img", IMAGE, PACKED, LocalDate.of(2026, 11, 28));
        for (String line : List.of("\"name\": \"Pi \\\"OS\\\"\"", "\"description\": \"ü+%.img\"", "\"icon\": \"qrc:",
                "\"url\": \"file:///home/a%20b/%C3%BC%2B%25.img.xz\"", "\"extract_size\": 24677", "\"extract_sha256\": \"1111",
                "\"image_download_size\": 99", "\"image_download_sha256\": \"2222", "\"release_date\": \"2026-11-28\"",
                "\"init_format\": \"cloudinit-rpi\"", "\"architecture\": \"armv8\"", "\"devices\": [", "\"pi4-64bit\"",
                "\"matching_type\": \"exclusive\"")) {
            assertTrue(manifest.contains(line), line + " is not in " + manifest);
        }
        assertFalse(manifest.contains("32bit"), manifest);
        // Each of the three models is listed.
        assertEquals(3, manifest.split("Raspberry Pi [345]\"", -1).length - 1, manifest);
    }

    @Test
    void offersAllModelsForUnknownSystem() {
        String manifest = ImagerManifest.text(PublishedSystem.of("", "", ""), "/pi.img.xz", "pi.img", IMAGE, PACKED,
                LocalDate.of(2026, 11, 28));
        assertTrue(manifest.contains("\"name\": \"pi.img\"") && manifest.contains("\"init_format\": \"none\""), manifest);
        assertTrue(manifest.contains("pi5-64bit") && manifest.contains("pi1-32bit"), manifest);
        assertFalse(manifest.contains("\"architecture\""), manifest);
    }

    @Test
    void excludesFirstModelForArmv7() {
        assertTrue(PublishedSystem.of("", "", "armv6l").architecture().devices().contains("pi1-32bit"));
        assertFalse(PublishedSystem.of("", "", "armv7l").architecture().devices().contains("pi1-32bit"));
    }

    @Test
    void refusesUnknownFormatAndArchitecture() {
        Failure format = assertThrows(Failure.class, () -> PublishedSystem.of("", "sysvinit", ""));
        assertEquals(Failure.Kind.INVALID_ARGUMENT, format.kind());
        assertTrue(format.getMessage().contains("use systemd, cloudinit"), format::getMessage);
        Failure cpu = assertThrows(Failure.class, () -> PublishedSystem.of("", "", "x86_64"));
        assertEquals(Failure.Kind.INVALID_ARGUMENT, cpu.kind());
    }

    @Test
    void escapesNameInChecksumLine() {
        assertEquals("ab  pi os.img.xz\n", PublishedPack.checksumLine("ab", "pi os.img.xz"));
        assertEquals("\\ab  a\\\\b\\n\\rc.xz\n", PublishedPack.checksumLine("ab", "a\\b\n\rc.xz"));
    }
}
