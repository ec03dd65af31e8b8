package org.example.piimages.build.cache;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * The files that receive the output of a step because the recipe redirects it.
 *
 * @param output the file for standard output; null for the standard output of the build
 * @param errors the file for standard error, which may be the same; null for the standard error of the build
 */
public record CapturedOutput(Path output, Path errors) {

    /** For a step whose output is not redirected. */
    public static final CapturedOutput NONE = new CapturedOutput(null, null);

    /** Returns each file once, by the suffix of its copy in the cache. */
    Map<String, Path> files() {
        Map<String, Path> files = new TreeMap<>();
        if (errors != null && !errors.equals(output)) {
            files.put(".err", errors);
        }
        if (output != null) {
            files.put(".out", output);
        }
        return files;
    }

    /** Returns a text that identifies what is redirected where. */
    public String kind() {
        return errors == null ? String.valueOf(output != null) : String.join(" ", files().keySet());
    }
}
