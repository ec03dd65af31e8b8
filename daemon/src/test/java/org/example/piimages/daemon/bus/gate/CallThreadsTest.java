package org.example.piimages.daemon.bus.gate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A user who fills the share waits; other users do not. */
@Timeout(20)
class CallThreadsTest {

    private static final int FULL = 64;

    private final CallThreads threads = new CallThreads();
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    @AfterEach
    void release() {
        release.countDown();
    }

    private void block() {
        begun.incrementAndGet();
        try {
            release.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        ended.incrementAndGet();
    }

    private void fill(int uid) {
        for (int i = 0; i < FULL; i++) {
            threads.of(uid).execute(this::block);
        }
    }

    private void assertServed(int uid) throws Exception {
        assertEquals(uid, CompletableFuture.supplyAsync(() -> uid, threads.of(uid)).get(5, TimeUnit.SECONDS));
    }

    private static void await(AtomicInteger counter, int value) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (counter.get() != value && System.nanoTime() < end) {
            Thread.sleep(1);
        }
        assertEquals(value, counter.get());
    }

    @Test
    void usersWithFullSharesDelayNoOtherUser() throws Exception {
        for (int uid = 1001; uid <= 1004; uid++) {
            fill(uid);
        }
        await(begun, 4 * CallThreads.PER_USER);
        assertServed(1005);
        assertServed(0);
        release.countDown();
        await(ended, 4 * FULL);
    }

    @Test
    void userWithoutThreadGetsOneBeyondTheLimit() throws Exception {
        int users = CallThreads.TOTAL / CallThreads.PER_USER;
        for (int uid = 1001; uid <= 1000 + users; uid++) {
            fill(uid);
        }
        await(begun, CallThreads.TOTAL);
        assertServed(2000);
        assertServed(0);
        fill(2001);
        await(begun, CallThreads.TOTAL + 1);
        release.countDown();
        await(ended, (users + 1) * FULL);
    }

    @Test
    void manyUsersStayWithinTheUpperLimit() throws Exception {
        int users = CallThreads.MAX_THREADS + 10;
        for (int uid = 1001; uid <= 1000 + users; uid++) {
            threads.of(uid).execute(this::block);
        }
        await(begun, CallThreads.MAX_THREADS);
        assertServed(0);
        release.countDown();
        await(ended, users);
    }

    @Test
    void rootFillsOnlyItsOwnShare() throws Exception {
        for (int i = 0; i < 5; i++) {
            fill(0);
        }
        await(begun, CallThreads.FOR_ROOT);
        assertServed(1001);
        release.countDown();
        await(ended, 5 * FULL);
    }

    @Test
    void tasksOfOneUserStartInOrder() throws Exception {
        List<Integer> order = new ArrayList<>();
        CountDownLatch last = new CountDownLatch(100);
        for (int i = 0; i < CallThreads.PER_USER - 1; i++) {
            threads.of(1001).execute(this::block);
        }
        for (int i = 0; i < 100; i++) {
            int number = i;
            threads.of(1001).execute(() -> {
                order.add(number);
                last.countDown();
            });
        }
        assertTrue(last.await(5, TimeUnit.SECONDS));
        assertEquals(order.stream().sorted().toList(), order);
    }

    @Test
    void taskThatThrowsReleasesItsThread() throws Exception {
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        AtomicInteger thrown = new AtomicInteger();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> thrown.incrementAndGet());
        try {
            for (int i = 0; i < FULL; i++) {
                threads.of(1001).execute(() -> {
                    throw new IllegalStateException("no");
                });
            }
            assertServed(1001);
            await(thrown, FULL);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }
}
