package org.example.piimages.daemon.emulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class ArchitectureTest {

    @Test
    void everyKernelNameIsKnown() {
        for (Architecture architecture : Architecture.values()) {
            assertEquals(Optional.of(architecture), Architecture.ofUname(architecture.unameMachine()));
        }
        for (String machine : new String[] {"armv5tel", "armv6l", "armv7l", "armv8l"}) {
            assertEquals(Optional.of(Architecture.ARM), Architecture.ofUname(machine), machine);
        }
        assertEquals(Optional.of(Architecture.X86), Architecture.ofUname("i586"));
    }

    @Test
    void otherKernelNamesAreNot() {
        for (String machine : new String[] {"", "armv7b", "mips", "aarch64_be", "armv7l\n"}) {
            assertTrue(Architecture.ofUname(machine).isEmpty(), machine);
        }
    }

    @Test
    void wordSizeAndByteOrderBelongToTheArchitecture() {
        assertEquals(Optional.of(Architecture.AARCH64), Architecture.ofElf(183, 64, true));
        assertTrue(Architecture.ofElf(183, 64, false).isEmpty(), "big-endian");
        assertTrue(Architecture.ofElf(62, 32, true).isEmpty(), "x32");
    }
}
