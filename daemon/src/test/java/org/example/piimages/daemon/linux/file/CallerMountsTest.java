package org.example.piimages.daemon.linux.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.contract.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class CallerMountsTest {

    private static int ownUid() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private static void assertRefused(Executable asking) {
        assertEquals(Failure.Kind.ACCESS_DENIED, assertThrows(Failure.class, asking).kind());
    }

    @Test
    void acceptsThisProcess() throws IOException {
        try (CallerMounts mounts = CallerMounts.of(ProcessHandle.current().pid(), ownUid())) {
            mounts.requireSame();
        }
    }

    @Test
    void refusesUnknownProcess() {
        assertRefused(() -> CallerMounts.of(0, 0));
        assertRefused(() -> CallerMounts.of(Integer.MAX_VALUE, 0));
    }

    /** The process id was reused by another process. */
    @Test
    void refusesProcessOfAnotherUser() {
        assertRefused(() -> CallerMounts.of(ProcessHandle.current().pid(), 54321));
    }

    @Test
    void refusesProcessThatEndsMeanwhile() throws Exception {
        Process child = new ProcessBuilder("/bin/sleep", "60").start();
        try (CallerMounts mounts = CallerMounts.of(child.pid(), ownUid())) {
            mounts.requireSame();
            child.destroyForcibly().waitFor();
            assertRefused(mounts::requireSame);
        }
        assertRefused(() -> CallerMounts.of(child.pid(), ownUid()));
    }
}
