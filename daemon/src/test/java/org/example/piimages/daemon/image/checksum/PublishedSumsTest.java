package org.example.piimages.daemon.image.checksum;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PublishedSumsTest {

    private static final String DOWNLOAD = "pi.img.xz";
    private static final List<String> DOWNLOADS = List.of(DOWNLOAD);
    private static final List<String> IMAGES = PublishedSums.imageNames(DOWNLOAD);
    private static final String SUM = "0123456789abcdef".repeat(4);
    private static final String OTHER = "fedcba9876543210".repeat(4);

    private static PublishedFile file(String name, byte[] content) {
        return PublishedFile.of(name, ChecksumFile.of(name, DOWNLOADS, IMAGES), content, DOWNLOADS);
    }

    private static PublishedSums sums(String name, String content) {
        return new PublishedSums(List.of(file(name, content.getBytes(StandardCharsets.UTF_8))), "");
    }

    private static List<ExpectedChecksum> expectations(String name, String content) {
        return sums(name, content).expectations(DOWNLOADS, IMAGES);
    }

    private static void assertExpects(ExpectedChecksum.Target of, String name, String content) {
        assertEquals(List.of(new ExpectedChecksum(HashFunction.SHA256, SUM, of, name)), expectations(name, content), content);
    }

    private static String refusal(String name, String content) {
        Failure failure = assertThrows(Failure.class, () -> expectations(name, content), content);
        assertEquals(Failure.Kind.INVALID_IMAGE, failure.kind());
        assertTrue(failure.getMessage().contains("--no-verify"), failure.getMessage());
        return failure.getMessage();
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s  pi.img.xz\n", "%s *pi.img.xz\r\n", "%s pi.img.xz", "%s\tpi.img.xz\n", "%s  ./pi.img.xz",
        "%s  a/b/pi.img.xz\n",
        "%s *C:\\Users\\pi\\pi.img.xz\r\n", "SHA256 (pi.img.xz) = %s\n", "SHA256 (./pi.img.xz) = %s", "SHA2-256(pi.img.xz)= %s\n",
        "SHA256(pi.img.xz)= %s", "sha256:%s  pi.img.xz\n", "SHA256          %s       C:\\pi\\pi.img.xz\r\n",
        "Algorithm : SHA256\r\nHash      : %s\r\nPath      : C:\\pi\\pi.img.xz\r\n",
        "SHA256 hash of pi.img.xz:\r\n%s\r\nCertUtil: -hashfile command completed successfully.\r\n",
        "# pi.img.xz: 5 bytes\n\n%s  pi.img.xz\n",
        "\0%s  pi.img.xz\0"})
    void readsFormatsThatNameTheDownload(String form) {
        for (String name : List.of("pi.img.xz.sha256", "SHA256SUMS", "sha256sum.txt", "Fedora-42-CHECKSUM", "release.sha256")) {
            assertExpects(ExpectedChecksum.Target.DOWNLOAD, name, form.formatted(SUM));
            assertExpects(ExpectedChecksum.Target.DOWNLOAD, name, form.formatted(SUM.toUpperCase(Locale.ROOT)));
        }
    }

    @Test
    void readsSignedList() {
        assertExpects(ExpectedChecksum.Target.DOWNLOAD, "SHA256SUMS", """
                -----BEGIN PGP SIGNED MESSAGE-----
                Hash: SHA512

                # pi.img.xz: 5 bytes
                SHA256 (pi.img.xz) = %s
                -----BEGIN PGP SIGNATURE-----

                iQIzBAEBCgAdFiEE
                -----END PGP SIGNATURE-----
                """.formatted(SUM));
    }

    @Test
    void recognisesByteOrderMarks() {
        for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            byte[] content = ("\ufeff" + SUM + "  pi.img.xz\r\n").getBytes(charset);
            assertEquals(1, new PublishedSums(List.of(file("pi.img.xz.sha256", content)), "").expectations(DOWNLOADS, IMAGES).size());
        }
    }

    @Test
    void unescapesNames() {
        List<String> odd = List.of("a\\b\nc.img.xz");
        PublishedFile file = PublishedFile.of("SHA256SUMS", ChecksumFile.LIST, ("\\" + SUM + "  a\\\\b\\nc.img.xz\n")
                .getBytes(StandardCharsets.UTF_8), odd);
        assertEquals(SUM, file.list().entries().get(0).digest());
        assertEquals("a\\b\nc.img.xz", file.list().entries().get(0).name());
        assertEquals(1, file.expectations(odd, List.of()).size());
    }

    @Test
    void checksumWithoutNameMatchesDownloadOrImage() {
        assertExpects(ExpectedChecksum.Target.EITHER, "pi.img.xz.sha256", SUM);
        assertExpects(ExpectedChecksum.Target.EITHER, "pi.img.xz.sha", "SHA-256: " + SUM + "\n");
        assertExpects(ExpectedChecksum.Target.EITHER, "pi.img.sha256", SUM + "\n");
        assertExpects(ExpectedChecksum.Target.EITHER, "sha256.txt", SUM + "  \n");
        // The download was renamed, or the name is that of an unknown image in it.
        assertExpects(ExpectedChecksum.Target.EITHER, "pi.img.xz.sha256", SUM + "  raspios.img\n");
        assertExpects(ExpectedChecksum.Target.IMAGE, "pi.img.xz.sha256", SUM + "  pi.img\n");
        assertExpects(ExpectedChecksum.Target.IMAGE, "SHA256SUMS", SUM + "  pi.img\n");
    }

    @Test
    void lengthDeterminesFunction() {
        for (HashFunction function : HashFunction.values()) {
            String sum = "a".repeat(function.digits());
            assertEquals(List.of(new ExpectedChecksum(function, sum, ExpectedChecksum.Target.DOWNLOAD, "hash.txt")),
                    expectations("hash.txt", sum + "  pi.img.xz\n"));
        }
    }

    @Test
    void allEntriesCount() {
        String both = SUM + "  pi.img.xz\n" + OTHER + "  pi.img\n" + OTHER + "  other.img.xz\n" + "b".repeat(32) + "  pi.img.xz\n";
        assertEquals(3, expectations("SHA256SUMS", both).size());
        // An entry for this directory takes precedence over one with the same name in another directory.
        assertExpects(ExpectedChecksum.Target.DOWNLOAD, "SHA256SUMS", OTHER + "  old/pi.img.xz\n" + SUM + "  pi.img.xz\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"pi.img.xz.sha256 | nothing here | no checksum in a known format",
        "pi.img.xz.sha256 | '' | no checksum",
        "SHA256SUMS | <html>404</html> | no checksum in a known format", "pi.img.sha256 | x | no checksum",
        "pi.img.xz.sha256 | 0123456789abcdef0123  pi.img.xz | line 1 of pi.img.xz.sha256",
        "SHA256SUMS | 0123456789abcdef0123  pi.img.xz | line 1 of SHA256SUMS",
        "SHA256SUMS | 0123456789abcdef0123  b.xz | line 1 of SHA256SUMS",
        "SHA256SUMS | SHA256 (pi.img.xz) = 0123456789abcdef0123 | line 1", "SHA256SUMS | SHA256 (pi.img.xz) = | line 1",
        "other.sha256 | pi.img.xz = what | line 1 of other.sha256", "SHA256SUMS | BLAKE2b (pi.img.xz) = 0123456789abcdef0123 | function",
        "SHA256SUMS | xyz  pi.img.xz | line 1"})
    void refusesUnknownFormat(String name, String content, String why) {
        String message = refusal(name, content);
        assertTrue(message.contains(why), message);
        assertEquals(1, message.lines().count());
    }

    @Test
    void refusesContradictionsAndOtherFilesOnly() {
        assertTrue(refusal("SHA256SUMS", SUM + "  pi.img.xz\n" + OTHER + "  pi.img.xz\n").contains("two different"));
        assertTrue(refusal("pi.img.xz.sha256", SUM + "  a.xz\n" + OTHER + "  b.xz\n").contains("\"a.xz\""));
        assertTrue(refusal("pi.img.xz.b2", "a".repeat(128) + "  pi.img.xz\n").contains("function"));
    }

    @Test
    void reportsListWithoutDownload() {
        PublishedSums sums = sums("SHA256SUMS", SUM + "  other.img.xz\n");
        assertEquals(List.of(), sums.expectations(DOWNLOADS, IMAGES));
        assertEquals(List.of("SHA256SUMS"), sums.filesWithoutChecksum(DOWNLOADS, IMAGES));
        // The list may name the image as it is called in its archive.
        assertEquals(1, sums.expectations(DOWNLOADS, List.of("other.img.xz")).size());
    }

    @Test
    void ignoresChecksumFilesOfOtherFiles() {
        for (String content : List.of(SUM + "\n", SUM + "  other.img.xz\n", "rubbish", "")) {
            PublishedSums sums = sums("other.img.xz.sha256", content);
            assertEquals(List.of(), sums.expectations(DOWNLOADS, IMAGES));
            assertEquals(List.of(), sums.filesWithoutChecksum(DOWNLOADS, IMAGES));
        }
    }

    @Test
    void ignoresInvalidLineForAnotherFile() {
        assertExpects(ExpectedChecksum.Target.DOWNLOAD, "SHA256SUMS", "0123456789abcdef0123  b.xz\n" + SUM + "  pi.img.xz\n");
    }

    @Test
    void ignoresDetachedSignature() {
        PublishedSums sums = sums("SHA256SUMS.asc", "-----BEGIN PGP SIGNATURE-----\n\niQIzBA\n-----END PGP SIGNATURE-----\n");
        assertEquals(List.of(), sums.expectations(DOWNLOADS, IMAGES));
        assertEquals(List.of(), sums.filesWithoutChecksum(DOWNLOADS, IMAGES));
    }

    @ParameterizedTest
    @CsvSource({"pi.img.xz.sha256, OF_THE_DOWNLOAD", "pi.img.xz.SHA256, OF_THE_DOWNLOAD", "pi.img.xz.sha512sum, OF_THE_DOWNLOAD",
        "pi.img.xz.sha, OF_THE_DOWNLOAD", "pi.img.xz-sha256.txt, OF_THE_DOWNLOAD", "pi.img.xz.md5, OF_THE_DOWNLOAD",
        "pi.img.xz.sha256.asc, OF_THE_DOWNLOAD", "pi.img.sha256, OF_THE_IMAGE", "pi.sha256, OF_THE_IMAGE", "SHA256SUMS, LIST",
        "SHA512SUMS, LIST", "sha256sums, LIST", "sha256sum.txt, LIST", "SHA256SUMS.txt, LIST", "MD5SUMS, LIST", "SHA256, LIST",
        "CHECKSUM.SHA256-FreeBSD-15.0, LIST", "Fedora-42-aarch64-CHECKSUM, LIST", "hash.txt, LIST", "checksums.txt, LIST",
        "raspios-sha256sums.txt, LIST", "other.img.xz.sha256, OF_ANOTHER", "pi.img.xz, NONE", "pi.img.xz.sig, NONE", "pi.img.xz.asc, NONE",
        "SHA256SUMS.gpg, NONE", "notes.txt, NONE", "pi.img.xz.bmap, NONE"})
    void nameDeterminesKind(String name, ChecksumFile role) {
        assertEquals(role, ChecksumFile.of(name, DOWNLOADS, IMAGES));
    }

    @Test
    void refusesInvalidGivenChecksum() {
        assertEquals(ExpectedChecksum.Target.EITHER, PublishedSums.given(SUM).expectations(DOWNLOADS, IMAGES).get(0).target());
        for (String digits : Arrays.asList("", "12", SUM + "0", SUM.replace('0', 'x'))) {
            assertThrows(Failure.class, () -> PublishedSums.given(digits));
        }
    }

    @Test
    void derivesImageNames() {
        assertEquals(List.of("pi.img", "pi"), PublishedSums.imageNames("pi.img.xz"));
        assertEquals(List.of("pi", "pi.img"), PublishedSums.imageNames("pi.zip"));
        assertEquals(List.of("pi.wic", "pi.wic.img"), PublishedSums.imageNames("pi.wic.bz2"));
        assertEquals(List.of(), PublishedSums.imageNames("pi.bin"));
    }
}
