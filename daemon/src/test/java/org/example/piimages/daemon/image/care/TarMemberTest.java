package org.example.piimages.daemon.image.care;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
    void anImageIsAPlainFileOfThatSuffix() throws IOException {
        assertEquals(Optional.of(new TarMember("pi.img", 8 * 8 + 1, true)), read(header("pi.img", "101 ", '0')));
        assertTrue(read(header("a/b/pi.img", "0", '0')).orElseThrow().isImage());
        assertFalse(read(header("pi.img", "0", '2')).orElseThrow().isImage());
        assertFalse(read(header("pi.img.sig", "0", '0')).orElseThrow().isImage());
    }

    @Test
    void sizesBeyondEightGibibytesAreBinary() throws IOException {
        byte[] block = header("pi.img", "\u0080\0\0\0\0\0\0\4\0\0\0\0", '0');
        assertEquals(16L << 30, read(block).orElseThrow().size());
    }

    @Test
    void aNegativeSizeIsRefused() {
        byte[] block = header("pi.img", "\u0080\0\0\0\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", '0');
        assertThrows(Failure.class, () -> read(block));
    }

    @Test
    void anArchiveEndsWithZerosOrWithTheStream() throws IOException {
        assertEquals(Optional.empty(), read(new byte[TarMember.BLOCK]));
        assertEquals(Optional.empty(), read(new byte[3]));
    }

    @Test
    void rubbishIsRefused() {
        byte[] block = header("pi.img", "0", '0');
        block[257] = 'x';
        assertThrows(Failure.class, () -> read(block));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/pi.img", "../pi.img", "a/../../pi.img", ".."})
    void namesThatLeadOutOfTheArchiveAreRefused(String name) {
        Failure failure = assertThrows(Failure.class, () -> read(header(name, "0", '0')));
        assertTrue(failure.getMessage().contains("leads out"), failure.getMessage());
    }

    @Test
    void theFrontOfALongNameIsLookedAtToo() {
        byte[] climbing = header("pi.img", "0", '0');
        put(climbing, 345, "..");
        assertThrows(Failure.class, () -> read(climbing));
    }

    @Test
    void dotsInsideANameAreHarmless() throws IOException {
        assertTrue(read(header("./..a/b..img", "0", '0')).isPresent());
    }
}
