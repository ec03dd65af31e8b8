package org.example.piimages.daemon.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of the host, run to their end. */
final class Programs {

    private static final int LIMIT_SECONDS = 30;

    private Programs() {
    }

    /** Runs a program that has to succeed; its output is the result, without the last line's end. */
    static String run(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(List.of(command) + " failed: " + output);
            }
            return output.stripTrailing();
        } catch (InterruptedException e) {
            throw new IOException(List.of(command) + " was interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
