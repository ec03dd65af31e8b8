package org.example.piimages.daemon.image.care.packing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarMemberTest {

    private static byte[] header(String name, String size, char type) {
        byte[] block = new byte[TarMember.BLOCK];
        put(block, 0, name);
        put(block, 124, size);
        block[156] = (byte) type;
        put(block, 257, "ustar");
        return block;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private static Optional<TarMember> read(byte[] bytes) throws IOException {
        return TarMember.read(new ByteArrayInputStream(bytes));
    }

    @Test
    void acceptsOnlyRegularFilesAsImages() throws IOException {
        assertEquals(Optional.of(new TarMember("pi.img", 8 * 8 + 1, TarMember.Kind.FILE)), read(header("pi.img", "101 ", '0')));
        assertTrue(read(header("a/b/pi.img", "0", '0')).orElseThrow().isImage());
        assertFalse(read(header("pi.img", "0", '2')).orElseThrow().isImage());
        assertFalse(read(header("pi.img.sig", "0", '0')).orElseThrow().isImage());
    }

    @Test
    void readsBinarySizes() throws IOException {
        byte[] block = header("pi.img", "\u0080\0\0\0\0\0\0\4\0\0\0\0", '0');
        assertEquals(16L << 30, read(block).orElseThrow().size());
    }

    @Test
    void refusesNegativeSize() {
        byte[] block = header("pi.img", "\u0080\0\0\0\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", '0');
        assertThrows(Failure.class, () -> read(block));
    }

    @Test
    void endsAtZerosOrEndOfStream() throws IOException {
        assertEquals(Optional.empty(), read(new byte[TarMember.BLOCK]));
        assertEquals(Optional.empty(), read(new byte[3]));
    }

    @Test
    void refusesInvalidHeader() {
        byte[] block = header("pi.img", "0", '0');
        block[257] = 'x';
        assertThrows(Failure.class, () -> read(block));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/pi.img", "../pi.img", "a/../../pi.img", ".."})
    void refusesNamesOutsideOfArchive(String name) {
        Failure failure = assertThrows(Failure.class, () -> read(header(name, "0", '0')));
        assertTrue(failure.getMessage().contains("outside of the target directory"), failure.getMessage());
    }

    @Test
    void checksPrefixOfName() {
        byte[] climbing = header("pi.img", "0", '0');
        put(climbing, 345, "..");
        assertThrows(Failure.class, () -> read(climbing));
    }

    @Test
    void acceptsDotsInNames() throws IOException {
        assertTrue(read(header("./..a/b..img", "0", '0')).isPresent());
    }

    private static byte[] joined(byte[]... parts) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.write(part);
        }
        return all.toByteArray();
    }

    private static byte[] content(String text) {
        byte[] block = new byte[TarMember.BLOCK];
        put(block, 0, text);
        return block;
    }

    @Test
    void readsLongNames() throws IOException {
        String name = "a/".repeat(80) + "pi.img";
        byte[] gnu = joined(header("././@LongLink", "246", 'L'), content(name), header(name.substring(0, 99), "0", '0'));
        assertEquals(name, read(gnu).orElseThrow().name());
        byte[] pax = joined(header("PaxHeaders/x", "55", 'x'), content("26 path=a/b/../../../x.img\n18 size=123456789\n"),
                header("x", "0", '0'));
        assertThrows(Failure.class, () -> read(pax));
        byte[] size = joined(header("PaxHeaders/x", "26", 'x'), content("22 size=9999999999999\n"), header("x.img", "0", '0'));
        assertEquals(9_999_999_999_999L, read(size).orElseThrow().size());
    }

    @Test
    void detectsSparseFiles() throws IOException {
        assertEquals(TarMember.Kind.SPARSE_FILE, read(header("pi.img", "0", 'S')).orElseThrow().kind());
        byte[] pax = joined(header("PaxHeaders/x", "63", 'x'), content("22 GNU.sparse.major=1\n29 GNU.sparse.name=my pi.img\n"),
                header("GNUSparseFile.0/pi", "0", '0'));
        assertEquals(new TarMember("my pi.img", 0, TarMember.Kind.SPARSE_FILE), read(pax).orElseThrow());
    }

    @Test
    void refusesOversizedExtension() {
        assertThrows(Failure.class, () -> read(header("x", "77777777777", 'x')));
    }

    /** Both the number and the size of the extension headers of a member are limited. */
    @Test
    void limitsExtensions() throws IOException {
        assertThrows(Failure.class, () -> read(withPaxHeaders(17, 512)));
        assertThrows(Failure.class, () -> read(withPaxHeaders(3, 100 << 10)));
        assertEquals("pi.img", read(withPaxHeaders(16, 512)).orElseThrow().name());
        byte[] name = "a/".repeat(4000).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        archive.write(header("././@LongLink", Integer.toOctalString(name.length), 'L'));
        archive.write(Arrays.copyOf(name, 16 * TarMember.BLOCK));
        archive.write(header("pi.img", "0", '0'));
        assertThrows(Failure.class, () -> read(archive.toByteArray()));
    }

    /** Returns an archive with a number of empty pax headers of {@code length} bytes each, followed by the header of an image. */
    private static byte[] withPaxHeaders(int times, int length) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        for (int number = 0; number < times; number++) {
            archive.write(header("pax", Integer.toOctalString(length), 'x'));
            archive.write(new byte[length]);
        }
        archive.write(header("pi.img", "0", '0'));
        return archive.toByteArray();
    }
}
