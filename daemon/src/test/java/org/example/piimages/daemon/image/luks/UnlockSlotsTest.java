package org.example.piimages.daemon.image.luks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.system.Passphrase;
import org.junit.jupiter.api.Test;

class UnlockSlotsTest {

    private static final int ALICE = 1000;
    private static final int BOB = 1001;
    private static final int CAROL = 1002;
    private static final Duration LONG = Duration.ofSeconds(30);

    private final UnlockSlots slots = new UnlockSlots();

    @Test
    void oneAccountDoesNotTakeAllSlots() throws IOException {
        assertTrue(slots.take(ALICE, Duration.ZERO));
        assertFalse(slots.take(ALICE, Duration.ZERO));
        assertTrue(slots.take(BOB, Duration.ZERO));
        assertFalse(slots.take(CAROL, Duration.ofMillis(10)));
        slots.release(ALICE);
        assertTrue(slots.take(CAROL, Duration.ZERO));
    }

    @Test
    void waitEndsWhenSlotIsFree() throws Exception {
        slots.take(ALICE, Duration.ZERO);
        CompletableFuture<Boolean> second = CompletableFuture.supplyAsync(() -> {
            try {
                return slots.take(ALICE, LONG);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        slots.release(ALICE);
        assertTrue(second.get());
    }

    @Test
    void otherPartitionsThatAreBeingOpenedAreNotBlamedOnThisOne() throws IOException {
        Luks.SLOTS.take(ALICE, LONG);
        try {
            Luks luks = new Luks(null, Partition.wholeFile(1 << 20), Duration.ZERO);
            Failure failure = assertThrows(Failure.class, () -> luks.open(new Passphrase(new byte[] {'a'}, ALICE)));
            assertEquals(Failure.Kind.BUSY, failure.kind());
            assertTrue(failure.getMessage().startsWith("other encrypted partitions"), failure.getMessage());
        } finally {
            Luks.SLOTS.release(ALICE);
        }
    }
}
