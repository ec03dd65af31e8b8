package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class PosixAclTest {

    /** The list written by setfacl -m u:1000:rw,g::r,m::rwx: version, then tag, permissions and id of each entry. */
    private static final byte[] LIST = HexFormat.of().parseHex("02000000" + "01000600ffffffff" + "02000600e8030000" + "04000400ffffffff"
            + "10000700ffffffff" + "20000000ffffffff");

    @Test
    void groupIsTheOwningGroupNotTheMask() {
        assertEquals(4, PosixAcl.group(LIST));
    }

    @Test
    void invalidListGrantsNothing() {
        for (int length = 0; length < 28; length++) {
            assertEquals(0, PosixAcl.group(Arrays.copyOf(LIST, length)), "of " + length + " bytes");
        }
        byte[] other = LIST.clone();
        other[0] = 3;
        assertEquals(0, PosixAcl.group(other));
    }

    /** The list written by setfacl -m u:3000000001:r on a file with mode 0660. */
    @Test
    void addsOneUserAndKeepsTheMode() {
        byte[] expected = HexFormat.of().parseHex("02000000" + "01000600ffffffff" + "02000400015ed0b2" + "04000600ffffffff"
                + "10000600ffffffff" + "20000000ffffffff");
        assertArrayEquals(expected, PosixAcl.forUser((int) 3_000_000_001L, true));
        assertEquals(6, PosixAcl.group(PosixAcl.forUser(1, false)));
    }
}
