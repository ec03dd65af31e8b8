package org.example.piimages.daemon.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class JobsTest {

    private static final int USER = 1000;

    /** Counts notifications. */
    private static final class Listener implements JobListener {
        private final AtomicInteger changes = new AtomicInteger();
        private final List<JobState> removed = new ArrayList<>();

        @Override
        public void added(Job job) {
            assertEquals(JobState.RUNNING, job.state());
        }

        @Override
        public void changed(Job job) {
            changes.incrementAndGet();
        }

        @Override
        public synchronized void removed(Job job) {
            removed.add(job.state());
        }
    }

    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final Listener listener = new Listener();
    private final Jobs jobs = new Jobs(executor, clock, listener, uid -> uid);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void end() throws InterruptedException {
        release.countDown();
        executor.shutdown();
        assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS));
        clock.shutdownNow();
    }

    private Job start(Work work) {
        return jobs.start("test", "/image", USER, work).orElseThrow();
    }

    private Map<String, Object> waitForRelease(Progress progress) throws InterruptedException {
        release.await();
        progress.advance(1);
        return Map.of();
    }

    @Test
    void removesJobWithoutThread() throws Exception {
        Error noThread = new OutOfMemoryError("unable to create native thread");
        for (Executor none : List.<Executor>of(work -> {
            throw new RejectedExecutionException("full");
        }, work -> {
            throw noThread;
        })) {
            listener.removed.clear();
            Jobs refused = new Jobs(none, clock, listener, uid -> uid);
            for (int i = 0; i < 2 * Jobs.LIMIT_PER_USER; i++) {
                assertThrows(RejectedExecutionException.class, () -> refused.start("test", "/image", USER, progress -> Map.of()));
            }
            assertTrue(refused.all().isEmpty());
            assertEquals(Collections.nCopies(2 * Jobs.LIMIT_PER_USER, JobState.FAILED), listener.removed);
        }
    }

    @Test
    void limitsJobsOfRoot() {
        for (int i = 0; i < Jobs.LIMIT_OF_ROOT; i++) {
            assertTrue(jobs.start("test", "/image", 0, this::waitForRelease).isPresent());
        }
        assertTrue(jobs.start("test", "/image", 0, this::waitForRelease).isEmpty());
        assertTrue(jobs.start("test", "/image", USER, this::waitForRelease).isPresent());
    }

    @Test
    void returnsResultOfWork() throws Exception {
        Job job = start(progress -> Map.of("size", 7L));
        assertEquals(Map.of("size", 7L), job.result().get());
        assertEquals(JobState.DONE, job.state());
    }

    @Test
    void passesOnFailure() {
        Job job = start(progress -> {
            throw new IllegalStateException("no");
        });
        ExecutionException error = assertThrows(ExecutionException.class, () -> job.result().get());
        assertEquals("no", error.getCause().getMessage());
        assertEquals(JobState.FAILED, job.state());
    }

    @Test
    void limitsJobsOfAccountWithManyUids() {
        Jobs shared = new Jobs(executor, clock, listener, uid -> Math.min(uid, 100_000));
        for (int i = 0; i < Jobs.LIMIT_PER_USER; i++) {
            assertTrue(shared.start("test", "/image", 100_000 + i, this::waitForRelease).isPresent());
        }
        assertTrue(shared.start("test", "/image", 165_535, this::waitForRelease).isEmpty());
        assertTrue(shared.start("test", "/image", USER, this::waitForRelease).isPresent());
    }

    @Test
    void cancelRunsStopAndEndsWork() {
        CountDownLatch begun = new CountDownLatch(1);
        Job job = start(progress -> {
            progress.onCancel(release::countDown);
            begun.countDown();
            return waitForRelease(progress);
        });
        assertTrue(awaitLatch(begun));
        job.cancel();
        CompletionException error = assertThrows(CompletionException.class, () -> job.result().join());
        assertInstanceOf(CancellationException.class, error.getCause());
        assertEquals(JobState.CANCELLED, job.state());
    }

    private static boolean awaitLatch(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void doesNotCancelAfterCommit() throws Exception {
        CountDownLatch committed = new CountDownLatch(1);
        Job job = start(progress -> {
            progress.commit();
            committed.countDown();
            return waitForRelease(progress);
        });
        assertTrue(awaitLatch(committed));
        job.cancel();
        release.countDown();
        assertEquals(Map.of(), job.result().get());
    }

    @Test
    void notifiesAtMostFourTimesPerSecond() throws Exception {
        long start = System.nanoTime();
        Job job = start(progress -> {
            progress.step("count", 1_000_000);
            for (int i = 0; i < 1_000_000; i++) {
                progress.advance(1);
            }
            return Map.of();
        });
        job.result().get();
        long quarters = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 250;
        assertTrue(listener.changes.get() <= quarters + 3, listener.changes + " times in " + quarters + " quarters of a second");
        assertEquals(1, job.measure().fraction());
    }

    @Test
    void limitsJobsOfUser() {
        for (int i = 0; i < Jobs.LIMIT_PER_USER; i++) {
            start(this::waitForRelease);
        }
        assertTrue(jobs.start("test", "/image", USER, this::waitForRelease).isEmpty());
        assertTrue(jobs.start("test", "/image", USER + 1, this::waitForRelease).isPresent());
        assertTrue(jobs.start("test", "/image", 0, this::waitForRelease).isPresent());
    }

    @Test
    void limitsJobsOfAllUsersButAllowsFirstJob() {
        int users = Jobs.LIMIT / Jobs.LIMIT_PER_USER;
        for (int i = 0; i < Jobs.LIMIT; i++) {
            assertTrue(jobs.start("test", "/image", USER + i % users, this::waitForRelease).isPresent());
        }
        assertTrue(jobs.start("test", "/image", USER + users, this::waitForRelease).isPresent());
        assertTrue(jobs.start("test", "/image", USER + users, this::waitForRelease).isEmpty());
    }

    @Test
    void keepsJobUntilCollected() throws Exception {
        Job job = start(this::waitForRelease);
        jobs.discard(job);
        assertEquals(1, jobs.all().size());
        release.countDown();
        job.result().get();
        jobs.discard(job);
        jobs.discard(job);
        assertEquals(0, jobs.all().size());
        assertEquals(List.of(JobState.DONE), listener.removed);
    }

    @Test
    void notifiesOfEndBeforeResult() throws Exception {
        CompletableFuture<Integer> changesAtEnd = new CompletableFuture<>();
        Job job = start(this::waitForRelease);
        job.result().thenAccept(result -> changesAtEnd.complete(listener.changes.get()));
        release.countDown();
        assertTrue(changesAtEnd.get() >= 1);
        assertInstanceOf(Map.class, job.result().get());
    }
}
