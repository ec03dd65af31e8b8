package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.daemon.linux.file.Credentials;

/** Determines the shared libraries of programs of the host by means of the dynamic linker; ld.so(8). */
public final class SharedLibraries {

    private static final Pattern LINE = Pattern.compile("\\s+(\\S+) => (/\\S+) \\(0x[0-9a-f]+\\)");
    /** Does the same as ldd(1), which starts several processes more for each file. */
    private static final String LIST_SCRIPT = "linker=$1; shift; for program; do \"$linker\" --list \"$program\" || exit; done";
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private SharedLibraries() {
    }

    /**
     * Returns the libraries of all these programs, by name.
     *
     * @param linker the dynamic linker that the programs name
     * @throws Failure FAILED if it cannot load one of them
     */
    public static Map<String, Path> of(String linker, Collection<Path> programs) throws IOException {
        Command list = Command.of("sh", "dash", new Credentials(0, new int[] {0})).with("-c", LIST_SCRIPT, "sh", linker)
                .with(programs.stream().map(Path::toString).toArray(String[]::new)).outputToPipe();
        Map<String, Path> libraries = new LinkedHashMap<>();
        try (RunningCommand running = list.start()) {
            String text = new String(running.output().readAllBytes(), StandardCharsets.UTF_8);
            running.await(TIMEOUT).requireSuccess();
            Matcher line = LINE.matcher(text);
            while (line.find()) {
                libraries.put(line.group(1), Path.of(line.group(2)));
            }
        }
        return libraries;
    }
}
