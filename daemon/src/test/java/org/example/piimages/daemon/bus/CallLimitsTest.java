package org.example.piimages.daemon.bus;

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
        return limits.within(uid, () -> one);
    }

    private static void assertLimited(CompletableFuture<String> call) {
        Failure failure = (Failure) assertThrows(CompletionException.class, call::join).getCause();
        assertEquals(Failure.Kind.LIMIT_EXCEEDED, failure.kind());
    }

    @Test
    void userAtTheLimitIsRefusedAndNobodyElse() {
        for (int i = 0; i < CallLimits.PER_USER; i++) {
            assertFalse(begin(1000).isDone());
        }
        assertLimited(begin(1000));
        assertFalse(begin(1001).isDone());
    }

    @Test
    void callThatEndedMakesRoomHoweverItEnded() {
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
    void workThatDoesNotStartMakesRoomToo() {
        for (int i = 0; i < 2 * CallLimits.PER_USER; i++) {
            assertTrue(limits.within(1000, () -> {
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
}
