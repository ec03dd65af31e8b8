package org.example.piimages.daemon.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class DryRunTest {

    private final AtomicBoolean released = new AtomicBoolean();
    private final AtomicBoolean changed = new AtomicBoolean();
    private final Job job = new Job(1, "copy", "/pi.img", 0, () -> {});

    /** An operation with the usual structure: resources that are closed, and a change after ready and commit. */
    @SuppressWarnings("try")
    private Map<String, Object> work(Progress progress) {
        try (AutoCloseable ignored = () -> released.set(true)) {
            progress.step("copy", 7);
            progress.ready(Map.of("size", 7L));
            progress.commit();
            changed.set(true);
            return Map.of("size", 7L);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void endsBeforeChangeWithOutcome() throws Exception {
        assertEquals(Map.of("size", 7L), new DryRun(this::work).run(job));
        assertFalse(changed.get());
        assertTrue(released.get());
        assertEquals("copy", job.measure().step());
    }

    @Test
    void makesChangeWithoutDryRun() {
        assertEquals(Map.of("size", 7L), work(job));
        assertTrue(changed.get());
    }

    @Test
    void passesOnFailure() {
        Work failing = progress -> {
            throw new IllegalStateException("no room");
        };
        assertThrows(IllegalStateException.class, () -> new DryRun(failing).run(job));
    }

    @Test
    void refusesCommitWithoutReady() {
        Work careless = progress -> {
            progress.commit();
            changed.set(true);
            return Map.of();
        };
        assertThrows(IllegalStateException.class, () -> new DryRun(careless).run(job));
        assertFalse(changed.get());
    }
}
