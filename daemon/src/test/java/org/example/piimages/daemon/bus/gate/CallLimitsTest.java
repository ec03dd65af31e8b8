package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class CallLimitsTest {

    private final CallLimits limits = new CallLimits();
    private final List<CompletableFuture<String>> work = new ArrayList<>();

    private CompletableFuture<String> begin(int uid) {
        CompletableFuture<String> one = new CompletableFuture<>();
        work.add(one);
        return limits.within(uid, 100, () -> one);
    }

    private static void assertLimited(CompletableFuture<String> call) {
        Failure failure = (Failure) assertThrows(CompletionException.class, call::join).getCause();
        assertEquals(Failure.Kind.LIMIT_EXCEEDED, failure.kind());
    }

    @Test
    void limitsCallsPerUser() {
        for (int i = 0; i < CallLimits.PER_USER; i++) {
            assertFalse(begin(1000).isDone());
        }
        assertLimited(begin(1000));
        assertFalse(begin(1001).isDone());
    }

    @Test
    void endedCallIsNoLongerCounted() {
        for (int i = 0; i < CallLimits.PER_USER; i++) {
            begin(1000);
        }
        assertLimited(begin(1000));
        work.get(0).complete("done");
        assertFalse(begin(1000).isDone());
        assertLimited(begin(1000));
        work.get(1).completeExceptionally(new IllegalStateException());
        assertFalse(begin(1000).isDone());
    }

    @Test
    void workThatCannotStartIsNotCounted() {
        for (int i = 0; i < 2 * CallLimits.PER_USER; i++) {
            assertTrue(limits.within(1000, 100, () -> {
                throw new RejectedExecutionException();
            }).isCompletedExceptionally());
        }
        assertFalse(begin(1000).isDone());
    }

    @Test
    void rootIsNotLimited() {
        for (int i = 0; i < 2 * CallLimits.PER_USER; i++) {
            assertFalse(begin(0).isDone());
        }
    }

    @Test
    void limitsBytesPerUser() {
        int most = CallLimits.BYTES_PER_USER / (256 << 10);
        for (int i = 0; i < most; i++) {
            assertFalse(limits.within(1000, 256 << 10, CompletableFuture::new).isDone());
        }
        assertLimited(limits.within(1000, 256 << 10, CompletableFuture::new));
        assertFalse(limits.within(1001, 256 << 10, CompletableFuture::new).isDone());
    }

    /** Many users who occupy much together cannot exclude a user who occupies nothing and makes an ordinary call. */
    @Test
    void limitsBytesInAllButAssuresOrdinaryCalls() {
        int uid = 1000;
        for (int held = 0; held < CallLimits.TOTAL_BYTES; held += CallLimits.BYTES_PER_USER) {
            assertFalse(limits.within(uid++, CallLimits.BYTES_PER_USER, CompletableFuture::new).isDone());
        }
        assertLimited(limits.within(uid, CallLimits.BYTES_PER_USER, CompletableFuture::new));
        assertFalse(limits.within(uid, CallLimits.GUARANTEED_BYTES, CompletableFuture::new).isDone());
        assertFalse(limits.within(0, CallLimits.BYTES_PER_USER, CompletableFuture::new).isDone());
    }

    @Test
    void unidentifiedConnectionsDoNotExcludeAnother() {
        for (int sender = 0; sender < 256; sender++) {
            limits.identifying(":1." + sender, CallLimits.BYTES_PER_SENDER, CompletableFuture::new);
        }
        assertLimited(limits.identifying(":2.0", CallLimits.BYTES_PER_SENDER, CompletableFuture::new));
        assertFalse(limits.identifying(":2.1", CallLimits.GUARANTEED_BYTES, CompletableFuture::new).isDone());
    }

    @Test
    void limitsBytesOfUnidentifiedConnection() {
        CompletableFuture<String> first = new CompletableFuture<>();
        limits.identifying(":1.1", CallLimits.BYTES_PER_SENDER, () -> first);
        assertLimited(limits.identifying(":1.1", 1, CompletableFuture::new));
        first.complete("alice");
        assertFalse(limits.identifying(":1.1", 1, CompletableFuture::new).isDone());
    }
}
