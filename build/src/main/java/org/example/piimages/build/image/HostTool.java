package org.example.piimages.build.image;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Programs of the host that do a part of the work, with this user's rights. */
public final class HostTool {

    /** What is unpacked here is part of the image, and must not depend on the umask of the user who builds it. */
    private static final List<String> WITH_UMASK = List.of("sh", "-c", "umask 022 && exec \"$@\"", "sh");

    private HostTool() {
    }

    /** Runs one, with no input. Throws the first line of what it says where it fails. */
    public static void run(List<String> command) throws IOException {
        List<String> words = new ArrayList<>(WITH_UMASK);
        words.addAll(command);
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command.get(0) + " says: " + said.lines().findFirst().orElse("nothing"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
