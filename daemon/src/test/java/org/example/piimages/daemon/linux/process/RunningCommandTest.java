package org.example.piimages.daemon.linux.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.example.piimages.daemon.linux.process.RunningCommand.Output;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The output of a tool is read until the tool ends, even if other processes hold its streams open. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunningCommandTest {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    /** A process that runs for longer than the test may take, with the streams that it inherited. */
    private static final String HOLDER = "sleep 60 & echo $!";

    private static RunningCommand start(Output output, String script) throws IOException {
        return RunningCommand.start("sh", new ProcessBuilder("/bin/sh", "-c", script), output);
    }

    private static void endHolder(String pid) {
        ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void holderOfStandardErrorIsNotWaitedFor() throws Exception {
        try (RunningCommand running = start(Output.CAPTURED, HOLDER + "; exit 3")) {
            RunningCommand.Ended ended = running.await(LIMIT);
            endHolder(ended.output());
            assertEquals(3, ended.status());
        }
    }

    @Test
    void holderOfStandardOutputIsNotWaitedFor() throws Exception {
        try (RunningCommand running = start(Output.PIPE, HOLDER + "; echo words >&2")) {
            String written = new String(running.output().readAllBytes(), StandardCharsets.UTF_8);
            endHolder(written);
            assertEquals("words\n", running.await(LIMIT).output());
        }
    }

    @Test
    void outputAfterTheEndIsIgnored() throws Exception {
        try (RunningCommand running = start(Output.PIPE, "yes & echo $! >&2; exit 0")) {
            // Read only after the tool has ended: what is in the pipe then is the rest of its output.
            assertTrue(running.endsWithin(LIMIT));
            running.output().readAllBytes();
            endHolder(running.await(LIMIT).output());
        }
    }

    @Test
    void killEndsReaderOfOutput() throws Exception {
        try (RunningCommand running = start(Output.PIPE, HOLDER + "; exec sleep 60")) {
            InputStream output = running.output();
            ByteArrayOutputStream pid = new ByteArrayOutputStream();
            for (int next = output.read(); next != '\n'; next = output.read()) {
                pid.write(next);
            }
            running.kill();
            assertEquals(-1, output.read());
            endHolder(pid.toString(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void readsAllOutput() throws Exception {
        try (RunningCommand running = start(Output.PIPE, "head --bytes=1000000 /dev/zero; head --bytes=70000 /dev/zero | tr '\\0' x >&2")) {
            assertEquals(1_000_000, running.output().readAllBytes().length);
            assertEquals("x".repeat(65536), running.await(LIMIT).output());
        }
    }

    @Test
    void readsOutputOfToolThatEndsImmediately() throws Exception {
        for (int turn = 0; turn < 50; turn++) {
            try (RunningCommand running = start(Output.CAPTURED, "echo one; echo two >&2")) {
                assertEquals("one\ntwo\n", running.await(LIMIT).output());
            }
        }
    }

    @Test
    void missingProgramIsAnErrorAndLeavesNothing() {
        assertThrows(IOException.class, () -> RunningCommand.start("none", new ProcessBuilder("/nowhere/none"), Output.PIPE));
    }
}
