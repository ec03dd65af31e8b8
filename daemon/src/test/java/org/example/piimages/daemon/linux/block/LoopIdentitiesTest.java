package org.example.piimages.daemon.linux.block;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LoopIdentitiesTest {

    private final CountDownLatch stuck = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();

    private String answer(String node) throws IOException {
        asked.incrementAndGet();
        if (node.equals("/dev/loop1")) {
            try {
                stuck.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        if (node.equals("/dev/loop2")) {
            throw new IOException("no");
        }
        return "file behind " + node;
    }

    @Test
    void unresponsiveDeviceIsQueriedOnlyOnce() throws Exception {
        LoopIdentities identities = new LoopIdentities(this::answer, Duration.ofMillis(100));
        assertEquals(Optional.empty(), identities.of("/dev/loop1"));
        long begun = System.nanoTime();
        for (int turn = 0; turn < 1000; turn++) {
            assertEquals(Optional.empty(), identities.of("/dev/loop1"));
        }
        assertTrue(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(50));
        assertEquals(1, asked.get());
        Optional<String> other = Optional.empty();
        for (int attempt = 0; attempt < 100 && other.isEmpty(); attempt++) {
            other = identities.of("/dev/loop0");
        }
        assertEquals(Optional.of("file behind /dev/loop0"), other);
        stuck.countDown();
        Optional<String> answer = Optional.empty();
        for (int attempt = 0; attempt < 1000 && answer.isEmpty(); attempt++) {
            Thread.sleep(10);
            answer = identities.of("/dev/loop1");
        }
        assertEquals(Optional.of("file behind /dev/loop1"), answer);
    }

    @Test
    void unresponsiveDeviceDoesNotBlockOthers() throws Exception {
        LoopIdentities identities = new LoopIdentities(this::answer, Duration.ofSeconds(2));
        List<String> nodes = List.of("/dev/loop0", "/dev/loop1", "/dev/loop3", "/dev/loop4");
        Map<String, String> expected = Map.of("/dev/loop0", "file behind /dev/loop0", "/dev/loop3", "file behind /dev/loop3", "/dev/loop4",
                "file behind /dev/loop4");
        assertEquals(expected, identities.of(nodes));
        assertEquals(expected, identities.of(nodes));
        assertEquals(7, asked.get());
        stuck.countDown();
    }

    @Test
    void errorIsPassedToTheCaller() {
        LoopIdentities identities = new LoopIdentities(this::answer, Duration.ofSeconds(30));
        assertThrows(IOException.class, () -> identities.of("/dev/loop2"));
    }
}
