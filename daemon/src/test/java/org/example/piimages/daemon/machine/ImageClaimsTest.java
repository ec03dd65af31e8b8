package org.example.piimages.daemon.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.machine.record.MachineMode;
import org.example.piimages.daemon.machine.record.Network;
import org.junit.jupiter.api.Test;

class ImageClaimsTest {

    private static final MachineMode RUN = new MachineMode(false, false, false, Network.HOST);
    private static final MachineMode RUN_READ_ONLY = new MachineMode(false, true, false, Network.HOST);
    private static final MachineMode BOOT = new MachineMode(true, false, false, Network.PRIVATE);

    private final ImageClaims claims = new ImageClaims();

    private void refused(String reason, int owner, MachineMode mode) {
        Failure failure = assertThrows(Failure.class, () -> claims.claim("second", "1_2_3", owner, mode, false));
        assertEquals(Failure.Kind.BUSY, failure.kind());
        assertTrue(failure.getMessage().contains(reason) && failure.getMessage().contains("first"), failure.getMessage());
    }

    @Test
    void allowsSeveralCommandsOfOneUser() {
        claims.claim("first", "1_2_3", 1000, RUN, false);
        claims.claim("second", "1_2_3", 1000, RUN, false);
        claims.claim("third", "1_2_3", 1000, RUN_READ_ONLY, false);
    }

    @Test
    void allowsOnlyReadersBesideInit() {
        claims.claim("first", "1_2_3", 1000, BOOT, false);
        refused("booted", 1000, RUN);
        refused("booted", 1000, BOOT);
        claims.claim("look", "1_2_3", 1000, RUN_READ_ONLY, false);
        claims.claim("other", "1_2_4", 1000, BOOT, false);
    }

    @Test
    void rejectsInitWhileCommandRuns() {
        claims.claim("first", "1_2_3", 1000, RUN, false);
        refused("runs a command", 1000, BOOT);
        claims.release("first");
        claims.claim("second", "1_2_3", 1000, BOOT, false);
    }

    @Test
    void rejectsAnotherUser() {
        claims.claim("first", "1_2_3", 1000, RUN_READ_ONLY, false);
        refused("another user", 1001, RUN_READ_ONLY);
    }

    @Test
    void rejectsWriterBesideReaderUnlessMounted() {
        claims.claim("first", "1_2_3", 1000, RUN_READ_ONLY, false);
        refused("read-only", 1000, RUN);
        claims.claim("second", "1_2_3", 1000, RUN, true);
    }
}
