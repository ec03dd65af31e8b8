package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Whoever does not read is not answered; whoever reads is, however much it is. */
class UnreadRepliesTest {

    private static final int ALICE = 1001;
    private static final int BOB = 1002;
    private static final long ANSWER = 256 << 10;

    /** What the bus has for each connection that is there. */
    private final Map<String, Long> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final UnreadReplies unreadReplies = new UnreadReplies(this::waiting);

    private CompletableFuture<Long> waiting(String name) {
        asked.incrementAndGet();
        Long bytes = waiting.get(name);
        return bytes == null ? CompletableFuture.failedFuture(new IOException("gone")) : CompletableFuture.completedFuture(bytes);
    }

    /** Answers until there are no more answers, or that many; how many there were. */
    private int answers(String name, int account, boolean reads, int most) {
        for (int i = 0; i < most; i++) {
            if (!unreadReplies.mayAnswer(name).join()) {
                return i;
            }
            unreadReplies.answered(name, account, ANSWER);
            waiting.merge(name, reads ? 0 : ANSWER, Long::sum);
        }
        return most;
    }

    private static void pause() throws InterruptedException {
        Thread.sleep(110);
    }

    @Test
    void whoReadsGetsEveryAnswer() throws Exception {
        for (int i = 0; i < 3; i++) {
            pause();
            assertEquals(17, answers(":1.1", ALICE, true, 17));
        }
        assertTrue(asked.get() <= 3, "asked " + asked);
    }

    @Test
    void whoDoesNotReadGetsAnswersAgainAfterReading() throws Exception {
        assertEquals(17, answers(":1.1", ALICE, false, 1000));
        assertFalse(unreadReplies.mayAnswer(":1.1").join());
        waiting.put(":1.1", 0L);
        pause();
        assertTrue(unreadReplies.mayAnswer(":1.1").join());
    }

    @Test
    void oneUsersConnectionsAreCountedTogetherAndNobodyElsesAnswersSuffer() {
        int all = 0;
        for (int i = 0; i < 100; i++) {
            all += answers(":1." + i, ALICE, false, 1000);
        }
        // Each gets one, however much the others have.
        assertTrue(all * ANSWER <= UnreadReplies.PER_USER + 101 * ANSWER, all + " answers");
        assertEquals(15, answers(":2.1", BOB, true, 15));
    }

    @Test
    void allTogetherStayFarBelowWhatABusBears() {
        long all = 0;
        for (int account = 1; account < 50; account++) {
            for (int i = 0; i < 4; i++) {
                all += answers(":" + account + "." + i, account, false, 1000);
            }
        }
        assertTrue(all * ANSWER <= UnreadReplies.IN_ALL + 200 * ANSWER, all + " answers");
    }

    @Test
    void connectionsThatHaveLeftAreForgotten() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            unreadReplies.answered(":1." + i, ALICE, 1000);
        }
        pause();
        // 20 MB to the first 20,000, all gone.
        assertEquals(15, answers(":2.1", ALICE, true, 15));
    }
}
