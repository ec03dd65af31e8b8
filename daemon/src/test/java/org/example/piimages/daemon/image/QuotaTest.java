package org.example.piimages.daemon.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;

class QuotaTest {

    private final Quota<String> quota = new Quota<>("things", 4, 10, 1);

    private void assertRefused(String whom, long amount, String text) {
        Failure failure = assertThrows(Failure.class, () -> quota.take(whom, amount));
        assertEquals(Failure.Kind.LIMIT_EXCEEDED, failure.kind());
        assertTrue(failure.getMessage().contains(text), failure.getMessage());
    }

    @Test
    void limitsEachUser() {
        quota.take("a", 4);
        assertRefused("a", 1, "the limit of things per user (4)");
        quota.take("b", 4);
        quota.release("a", 1);
        quota.take("a", 1);
    }

    @Test
    void totalLimitLeavesAssuredAmount() {
        quota.take("a", 4);
        quota.take("b", 4);
        quota.take("c", 2);
        assertRefused("c", 1, "all users together");
        quota.take("d", 1);
        assertRefused("d", 1, "all users together");
        quota.release("a", 4);
        quota.take("d", 1);
    }

    /** Even if further users hold nothing yet. */
    @Test
    void assuredAmountsEndAQuarterAboveTotalLimit() {
        for (String whom : new String[] {"a", "b"}) {
            quota.take(whom, 4);
        }
        quota.take("c", 2);
        quota.take("d", 1);
        quota.take("e", 1);
        assertRefused("f", 1, "all users together have reached the limit of things (10)");
        quota.release("d", 1);
        quota.take("f", 1);
        assertRefused("d", 1, "all users together");
    }

    @Test
    void countsAddedAmountsBeyondLimit() {
        quota.add("a", 6);
        assertRefused("a", 1, "per user");
        quota.release("a", 3);
        quota.take("a", 1);
    }

    @Test
    void concurrentThreadsDoNotExceedLimit() {
        Quota<String> shared = new Quota<>("things", 100, 100, 0);
        AtomicInteger taken = new AtomicInteger();
        IntStream.range(0, 1000).parallel().forEach(i -> {
            try {
                shared.take("a", 1);
                taken.incrementAndGet();
            } catch (Failure full) {
                assertEquals(Failure.Kind.LIMIT_EXCEEDED, full.kind());
            }
        });
        assertEquals(100, taken.get());
    }
}
