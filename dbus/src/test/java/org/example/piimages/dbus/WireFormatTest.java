package org.example.piimages.dbus;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The specification's examples of the wire format, and what the library would not come back from. */
class WireFormatTest {

    private static boolean matches(String signature, String hexadecimal) {
        byte[] bytes = HexFormat.of().parseHex(hexadecimal.replace(" ", ""));
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        boolean result = WireFormat.matches(signature, buffer);
        assertEquals(bytes.length, buffer.remaining());
        return result;
    }

    @Test
    void valuesOfEachType() {
        assertTrue(matches("", ""));
        assertTrue(matches("ybnqiuxtdh", "01000000 01000000 0200 0300 04000000 05000000 00000000 0600000000000000 0700000000000000"
                + "0000000000000000 00000000"));
        assertTrue(matches("sog", "03000000 666f6f00 01000000 2f00 02 617300"));
        assertTrue(matches("ax", "08000000 00000000 0500000000000000"));
        assertTrue(matches("ax", "00000000 00000000"));
        assertTrue(matches("a{sv}", "10000000 00000000 01000000 6100 017500 000000 07000000"));
        assertTrue(matches("v(yv)", "017900 05 00000000 02 02617900 000000 01000000 09"));
    }

    @Test
    void valuesThatAreNotThose() {
        assertFalse(matches("u", "010000"));
        assertFalse(matches("u", "0100000000"));
        assertFalse(matches("s", "03000000 666f6f01"));
        assertFalse(matches("s", "ffffffff 666f6f00"));
        assertFalse(matches("s", "ffffff7f 666f6f00"));
        assertFalse(matches("au", "05000000 0100000002"));
        assertFalse(matches("au", "06000000 01000000 0200"));
        assertFalse(matches("v", "027575 00 01000000"));
        assertFalse(matches("v", "00 00"));
    }

    @Test
    void signaturesThatAreNone() {
        for (String none : new String[] {"a", "a()", "()", "a(", "(u", "u)", "a{u)", "e", "aaa"}) {
            assertFalse(matches(none, "08000000 00000000 00000000 00000000"), none);
        }
    }

    @Test
    void nestingHasAnEnd() {
        assertTrue(matches("a".repeat(60) + "y", "00000000"));
        assertFalse(matches("a".repeat(70) + "y", "00000000"));
        assertFalse(matches("v", "01 76 00".repeat(100)));
    }
}
