package org.example.piimages.cli.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProcessStatusTest {

    @Test
    void parsesFieldsAfterName() {
        ProcessStatus status = ProcessStatus.parse("269 (a) S (b)) T 268 270 271 34816 270 4194304 894 0");
        assertEquals(new ProcessStatus('T', 268, 270, 271, 270), status);
        assertTrue(status.isForeground());
        assertTrue(status.isStoppedInForeground());
        assertFalse(ProcessStatus.parse("269 (sh) S 268 269 268 34816 269 0").isStoppedInForeground());
        assertFalse(ProcessStatus.parse("269 (sh) T 268 269 268 34816 300 0").isStoppedInForeground());
        assertFalse(ProcessStatus.parse("269 (sh) T 268 269 268 0 -1 0").isForeground());
    }

    @Test
    void detectsOrphanedProcessGroup() throws IOException, InterruptedException {
        assertEquals(ProcessHandle.current().parent().orElseThrow().pid(), ProcessStatus.own().orElseThrow().parent());
        assertTrue(ProcessStatus.of(1).orElseThrow().isOrphaned());
        Process alone = new ProcessBuilder("setsid", "--fork", "--wait", "sh", "-c", "cat /proc/$$/stat").start();
        ProcessStatus status = ProcessStatus.parse(new String(alone.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        assertTrue(alone.waitFor(10, TimeUnit.SECONDS));
        assertEquals(status.group(), status.session());
        assertTrue(status.isOrphaned());
        assertFalse(ProcessStatus.of(Long.MAX_VALUE).isPresent());
    }
}
