package org.example.piimages.daemon.image.luks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

/** Tests the parser with output of cryptsetup 2.6; the encrypted suite uses that of the installed version. */
class LuksDumpTest {

    private static final String FIRST = """
            LUKS header information for /proc/self/fd/0

            Version:       \t1
            Cipher name:   \taes
            Cipher mode:   \txts-plain64
            Hash spec:     \tsha256
            Payload offset:\t4096
            MK bits:       \t512
            """;
    private static final String SECOND = """
            LUKS header information
            Version:       \t2
            Epoch:         \t3
            Metadata area: \t16384 [bytes]
            Label:         \t(no label)

            Data segments:
              0: crypt
            \toffset: 16777216 [bytes]
            \tlength: (whole device)
            \tcipher: xchacha20,aes-adiantum-plain64
            \tsector: 4096 [bytes]

            Keyslots:
              0: luks2
            \tPBKDF:      argon2id
            \tTime cost:  4
            \tMemory:     1048576
              1: luks2
            \tMemory:     32
            Tokens:
            """;

    @Test
    void readsSingleSegment() {
        assertEquals(new LuksDump("aes-xts-plain64", 2 << 20, 512, 0), LuksDump.parse(FIRST));
        assertEquals(new LuksDump("xchacha20,aes-adiantum-plain64", 16 << 20, 4096, 1 << 30), LuksDump.parse(SECOND));
    }

    @Test
    void refusesUnsupportedLayouts() {
        assertRefused("no known version", "");
        assertRefused("no known version", FIRST.replace("\t1\n", "\t3\n"));
        assertRefused("does not tell the cipher", FIRST.replace("Payload", "Pay"));
        assertRefused("its cipher is \"capi:xts", SECOND.replace("xchacha20,aes-adiantum-plain64", "capi:xts(aes)-plain64"));
        assertRefused("its cipher is", FIRST.replace("aes", "cipher_null"));
        assertRefused("sectors of 8192", SECOND.replace("sector: 4096", "sector: 8192"));
        assertRefused("at byte 16777217", SECOND.replace("16777216", "16777217"));
        assertRefused("at byte 16777216000", SECOND.replace("16777216", "16777216000"));
        assertRefused("not one encrypted segment",
                SECOND.replace("\tsector: 4096 [bytes]\n", "\tsector: 4096 [bytes]\n\tintegrity: hmac\n"));
        assertRefused("not one encrypted segment", SECOND.replace("(whole device)", "1048576 [bytes]"));
        assertRefused("not one encrypted segment", SECOND.replace("  0: crypt", "  0: linear"));
        assertRefused("not one encrypted segment", SECOND.replace("\nKeyslots", "  1: crypt\n\nKeyslots"));
    }

    private static void assertRefused(String why, String words) {
        Failure failure = assertThrows(Failure.class, () -> LuksDump.parse(words));
        assertEquals(Failure.Kind.UNSUPPORTED, failure.kind());
        assertTrue(failure.getMessage().contains(why), failure.getMessage());
    }

    @Test
    void extractsKeyAndClearsText() {
        byte[] printed = "MK bits:       \t48\nMK dump:\t00 1a ff \n\t\t80 7f 01 \n".getBytes(StandardCharsets.US_ASCII);
        assertArrayEquals(new byte[] {0, 0x1a, -1, -128, 127, 1}, LuksDump.key(printed));
        assertArrayEquals(new byte[printed.length], printed);
        assertThrows(Failure.class, () -> LuksDump.key("MK dump:\n".getBytes(StandardCharsets.US_ASCII)));
    }
}
