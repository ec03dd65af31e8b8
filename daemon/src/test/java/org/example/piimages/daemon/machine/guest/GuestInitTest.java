package org.example.piimages.daemon.machine.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class GuestInitTest {

    private static final OptionalInt NATIVE = OptionalInt.empty();

    @Test
    void readsVersionFromLibraryNames() {
        assertEquals(OptionalInt.of(252), GuestInit.systemdIn(List.of("systemd", "libsystemd-core-252.so", "libsystemd-shared-252.so")));
        assertEquals(OptionalInt.of(257), GuestInit.systemdIn(List.of("libsystemd-shared-257.9-1.fc42.so")));
        assertEquals(OptionalInt.empty(), GuestInit.systemdIn(List.of("libsystemd-shared-.so", "xlibsystemd-shared-257.so", "")));
    }

    @Test
    void rejectsOnlySystemdThatFailsUnderQemu() {
        new GuestInit(OptionalInt.of(252)).requireBoots(OptionalInt.of(7));
        new GuestInit(OptionalInt.of(257)).requireBoots(OptionalInt.of(10));
        new GuestInit(OptionalInt.of(262)).requireBoots(NATIVE);
        new GuestInit(OptionalInt.empty()).requireBoots(OptionalInt.of(7));
        Failure failure = assertThrows(Failure.class, () -> new GuestInit(OptionalInt.of(257)).requireBoots(OptionalInt.of(7)));
        assertEquals(Failure.Kind.UNSUPPORTED, failure.kind());
        assertTrue(failure.getMessage().contains("qemu 10"), failure.getMessage());
    }
}
