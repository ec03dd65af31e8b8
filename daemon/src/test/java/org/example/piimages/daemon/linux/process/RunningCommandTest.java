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

/** What a tool writes is read to its end, which is the tool's, whoever holds its streams open. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RunningCommandTest {

    private static final Duration LIMIT = Duration.ofMinutes(1);
    /** Goes on for longer than the test may take, with the streams that it was given. */
    private static final String HOLDER = "sleep 60 & echo $!";

    private static RunningCommand start(Output output, String script) throws IOException {
        return RunningCommand.start("sh", new ProcessBuilder("/bin/sh", "-c", script), output);
    }

    private static void endHolder(String pid) {
        ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void whoHoldsItsStandardErrorIsNotWaitedFor() throws Exception {
        try (RunningCommand running = start(Output.WORDS, HOLDER + "; exit 3")) {
            RunningCommand.Ended ended = running.await(LIMIT);
            endHolder(ended.words());
            assertEquals(3, ended.status());
        }
    }

    @Test
    void whoHoldsItsStandardOutputIsNotWaitedFor() throws Exception {
        try (RunningCommand running = start(Output.PIPE, HOLDER + "; echo words >&2")) {
            String written = new String(running.output().readAllBytes(), StandardCharsets.UTF_8);
            endHolder(written);
            assertEquals("words\n", running.await(LIMIT).words());
        }
    }

    @Test
    void whoGoesOnWritingIsNotListenedTo() throws Exception {
        try (RunningCommand running = start(Output.PIPE, "yes & echo $! >&2; exit 0")) {
            // Not before it has ended: what is in the pipe then is the rest.
            assertTrue(running.endsWithin(LIMIT));
            running.output().readAllBytes();
            endHolder(running.await(LIMIT).words());
        }
    }

    @Test
    void killedOneEndsWhoReadsWhatItWrites() throws Exception {
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
    void allThatItWroteIsRead() throws Exception {
        try (RunningCommand running = start(Output.PIPE, "head --bytes=1000000 /dev/zero; head --bytes=70000 /dev/zero | tr '\\0' x >&2")) {
            assertEquals(1_000_000, running.output().readAllBytes().length);
            assertEquals("x".repeat(65536), running.await(LIMIT).words());
        }
    }

    @Test
    void oneThatEndsAtOnceIsHeard() throws Exception {
        for (int turn = 0; turn < 50; turn++) {
            try (RunningCommand running = start(Output.WORDS, "echo one; echo two >&2")) {
                assertEquals("one\ntwo\n", running.await(LIMIT).words());
            }
        }
    }

    @Test
    void programThatIsMissingIsAnErrorAndLeavesNothing() {
        assertThrows(IOException.class, () -> RunningCommand.start("none", new ProcessBuilder("/nowhere/none"), Output.PIPE));
    }
}
