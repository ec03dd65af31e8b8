package org.example.piimages.daemon.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class SerialExecutorTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void end() {
        threads.shutdown();
    }

    @Test
    void runsTasksInOrder() throws Exception {
        SerialExecutor news = new SerialExecutor(threads);
        List<Integer> seen = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch all = new CountDownLatch(1000);
        for (int i = 0; i < 1000; i++) {
            int number = i;
            news.execute(() -> {
                seen.add(number);
                all.countDown();
            });
        }
        all.await(10, TimeUnit.SECONDS);
        assertEquals(IntStream.range(0, 1000).boxed().toList(), seen);
    }

    /** The end of one machine must not wait for that of another. */
    @Test
    void blockedExecutorsDoNotDelayOthers() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        for (int i = 0; i < 300; i++) {
            new SerialExecutor(threads).execute(() -> {
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        }
        CountDownLatch ended = new CountDownLatch(1);
        new SerialExecutor(threads).execute(ended::countDown);
        assertTrue(ended.await(5, TimeUnit.SECONDS));
        release.countDown();
    }
}
