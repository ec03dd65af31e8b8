package org.example.piimages.cli.output;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JobProgressTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final JobProgress progress = new JobProgress(new PrintStream(written, true, StandardCharsets.UTF_8), false);

    private List<String> lines() {
        return written.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void eachStepIsOneLine() {
        progress.begin(Map.of("Step", "read"));
        progress.show(Map.of("Step", "read"));
        progress.show(Map.of("Step", "verify"));
        progress.end();
        progress.show(Map.of("Step", "sync"));
        assertEquals(List.of("read", "verify"), lines());
    }

    @Test
    void anOlderStateIsNotShown() {
        progress.show(Map.of("Step", "verify"));
        progress.begin(Map.of("Step", "read"));
        assertEquals(List.of("verify"), lines());
    }

    @Test
    void aJobThatHasNotBegunIsNotShown() {
        progress.begin(Map.of("Step", ""));
        progress.begin(Map.of());
        assertEquals(List.of(), lines());
    }
}
