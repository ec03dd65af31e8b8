package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UndoTest {

    private final List<String> taken = new ArrayList<>();

    @Test
    void runsStepsInReverseOrder() {
        try (Undo undo = new Undo()) {
            undo.add("a", () -> taken.add("a"));
            undo.add("b", () -> taken.add("b"));
        }
        assertEquals(List.of("b", "a"), taken);
    }

    @Test
    void failedStepDoesNotStopTheOthers() {
        try (Undo undo = new Undo()) {
            undo.add("a", () -> taken.add("a"));
            undo.add("b", () -> {
                throw new IOException("it is gone");
            });
            undo.add("c", () -> taken.add("c"));
        }
        assertEquals(List.of("c", "a"), taken);
    }

    @Test
    void failedStepIsRetriedOnce() {
        try (Undo undo = new Undo()) {
            undo.add("a", () -> {
                taken.add("a");
                if (taken.size() == 1) {
                    throw new IOException("interrupted");
                }
            });
        }
        assertEquals(List.of("a", "a"), taken);
    }

    @Test
    void committedStepsAreNotRun() {
        try (Undo undo = new Undo()) {
            undo.add("a", () -> taken.add("a"));
            undo.commit();
        }
        assertEquals(List.of(), taken);
    }
}
