package org.example.piimages.daemon.machine.record;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class MachineNameTest {

    @Test
    void derivesNameFromFile() {
        assertEquals("2024-11-19-raspios-bookworm", MachineName.of("/home/pi/2024-11-19-raspios-bookworm.img"));
        assertEquals("my-pi", MachineName.of("My  Pi!.IMG.img".replace(".IMG", "")));
        assertEquals("image", MachineName.of("/x/.img"));
        assertEquals("image", MachineName.of("漢字"));
        assertEquals("a-b", MachineName.of("--a\nb--.raw"));
    }

    @Test
    void derivedNameWithSuffixIsValid() {
        for (String file : List.of("x".repeat(255), "-".repeat(255), "a".repeat(43) + "-b.img", "İ.img", "", "/")) {
            String name = MachineName.of(file);
            assertDoesNotThrow(() -> MachineName.require(name + "-99"), file);
        }
    }

    @Test
    void rejectsInvalidNames() {
        for (String name : List.of("", "-a", "a-", "a_b", "a.b", "../x", "a b", "a\n", "ä", "x".repeat(49))) {
            assertEquals(Failure.Kind.INVALID_ARGUMENT, assertThrows(Failure.class, () -> MachineName.require(name), name).kind());
        }
        assertDoesNotThrow(() -> MachineName.require("x".repeat(48)));
        assertDoesNotThrow(() -> MachineName.require("A-1"));
    }
}
