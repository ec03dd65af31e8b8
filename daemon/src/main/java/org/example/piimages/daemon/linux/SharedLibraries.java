package org.example.piimages.daemon.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What programs of the host's load, as ldd(1) tells it. */
public final class SharedLibraries {

    private static final Pattern LINE = Pattern.compile("\\s+(\\S+) => (/\\S+) \\(0x[0-9a-f]+\\)");
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private SharedLibraries() {
    }

    /** The libraries of all these programs, where each is by its name. */
    public static Map<String, Path> of(Collection<Path> programs) throws IOException {
        Command ldd = Command.of("ldd", "libc-bin", new Credentials(0, new int[] {0}))
                .with(programs.stream().map(Path::toString).toArray(String[]::new)).outputToPipe();
        Map<String, Path> libraries = new LinkedHashMap<>();
        try (RunningCommand running = ldd.start()) {
            String said = new String(running.output().readAllBytes(), StandardCharsets.UTF_8);
            running.await(LIMIT).requireSuccess();
            Matcher line = LINE.matcher(said);
            while (line.find()) {
                libraries.put(line.group(1), Path.of(line.group(2)));
            }
        }
        return libraries;
    }
}
