package org.example.piimages.build.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** How much room a file, or a folder with its files, takes on its disk: holes take none, which Java does not tell. */
final class DiskUsage {

    private DiskUsage() {
    }

    static long of(Path file) throws IOException {
        Process du = new ProcessBuilder("du", "--summarize", "--block-size=1", "--", file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return said.matches("(?s)[0-9]{1,18}\\s.*") ? Long.parseLong(said.substring(0, said.indexOf('\t'))) : 0;
    }
}
