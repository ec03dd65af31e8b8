package org.example.piimages.build.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Runs programs of the host with the rights of the calling process. */
public final class HostTool {

    /** What is unpacked here is part of the image, and must not depend on the umask of the user who builds it. */
    private static final List<String> WITH_UMASK = List.of("sh", "-c", "umask 022 && exec \"$@\"", "sh");

    /** Variables with options, which would change what is unpacked without being part of the step's fingerprint. */
    private static final List<String> OPTIONS =
            List.of("TAR_OPTIONS", "UNZIP", "UNZIPOPT", "XZ_DEFAULTS", "XZ_OPT", "GZIP", "BZIP", "BZIP2", "ZSTD_CLEVEL", "POSIXLY_CORRECT");

    private HostTool() {
    }

    /**
     * Runs a program with empty standard input.
     *
     * @throws IOException if it fails; the message has the first line of its output
     */
    public static void run(List<String> command) throws IOException {
        List<String> words = new ArrayList<>(WITH_UMASK);
        words.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().keySet().removeAll(OPTIONS);
        Process process = builder.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command.get(0) + " says: " + output.lines().findFirst().orElse("nothing"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
