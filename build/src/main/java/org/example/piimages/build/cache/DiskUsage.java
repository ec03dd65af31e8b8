package org.example.piimages.build.cache;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The disk usage of a file or directory in bytes, from du(1): Java cannot tell how much of a sparse file is allocated. */
final class DiskUsage {

    private DiskUsage() {
    }

    static long of(Path file) throws IOException {
        Process du = new ProcessBuilder("du", "--summarize", "--block-size=1", "--", file.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String output = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return output.matches("(?s)[0-9]{1,18}\\s.*") ? Long.parseLong(output.substring(0, output.indexOf('\t'))) : 0;
    }
}
