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

/** A caller that does not read gets no further replies; one that reads gets all of them, however many they are. */
class UnreadRepliesTest {

    private static final int ALICE = 1001;
    private static final int BOB = 1002;
    private static final long ANSWER = 256 << 10;

    /** The bytes that the bus has queued for each existing connection. */
    private final Map<String, Long> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final UnreadReplies unreadReplies = new UnreadReplies(this::waiting);

    private CompletableFuture<Long> waiting(String name) {
        asked.incrementAndGet();
        Long bytes = waiting.get(name);
        return bytes == null ? CompletableFuture.failedFuture(new IOException("gone")) : CompletableFuture.completedFuture(bytes);
    }

    /** Sends replies until one is refused, at most {@code most}. Returns the number of replies sent. */
    private int answers(String name, int account, boolean reads, int most) {
        for (int i = 0; i < most; i++) {
            if (!unreadReplies.mayReply(name).join()) {
                return i;
            }
            unreadReplies.replied(name, account, ANSWER);
            waiting.merge(name, reads ? 0 : ANSWER, Long::sum);
        }
        return most;
    }

    private static void pause() throws InterruptedException {
        Thread.sleep(110);
    }

    @Test
    void callerThatReadsGetsAllReplies() throws Exception {
        for (int i = 0; i < 3; i++) {
            pause();
            assertEquals(17, answers(":1.1", ALICE, true, 17));
        }
        assertTrue(asked.get() <= 3, "asked " + asked);
    }

    @Test
    void callerGetsRepliesAgainAfterReading() throws Exception {
        assertEquals(17, answers(":1.1", ALICE, false, 1000));
        assertFalse(unreadReplies.mayReply(":1.1").join());
        waiting.put(":1.1", 0L);
        pause();
        assertTrue(unreadReplies.mayReply(":1.1").join());
    }

    @Test
    void countsConnectionsOfOneUserTogether() {
        int all = 0;
        for (int i = 0; i < 100; i++) {
            all += answers(":1." + i, ALICE, false, 1000);
        }
        // Each connection gets one, however much the others have.
        assertTrue(all * ANSWER <= UnreadReplies.PER_USER + 101 * ANSWER, all + " answers");
        assertEquals(15, answers(":2.1", BOB, true, 15));
    }

    @Test
    void limitsUnreadRepliesOfAllUsers() {
        long all = 0;
        for (int account = 1; account < 50; account++) {
            for (int i = 0; i < 4; i++) {
                all += answers(":" + account + "." + i, account, false, 1000);
            }
        }
        assertTrue(all * ANSWER <= UnreadReplies.TOTAL + 200 * ANSWER, all + " answers");
    }

    @Test
    void removesDisconnectedConnections() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            unreadReplies.replied(":1." + i, ALICE, 1000);
        }
        pause();
        // The 20 MB for the first 20,000 connections are no longer counted.
        assertEquals(15, answers(":2.1", ALICE, true, 15));
    }
}
