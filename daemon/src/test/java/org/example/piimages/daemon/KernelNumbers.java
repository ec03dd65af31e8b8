package org.example.piimages.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** The kernel constants of each CPU architecture, from tables that {@code testbed/headers/tables} generates from the kernel headers. */
public final class KernelNumbers {

    /** The architecture names of Debian by those of Java. */
    public static final Map<String, String> ARCHITECTURES = Map.of("amd64", "amd64", "aarch64", "arm64");

    private KernelNumbers() {
    }

    /**
     * The constants of an architecture, by name.
     *
     * @param architecture the Debian name
     */
    public static Map<String, Long> of(String architecture) {
        try (InputStream table = KernelNumbers.class.getResourceAsStream("/kernel-numbers/" + architecture);
                BufferedReader lines = new BufferedReader(new InputStreamReader(table, StandardCharsets.US_ASCII))) {
            return lines.lines().map(line -> line.split(" ")).collect(Collectors.toMap(word -> word[0], word -> Long.valueOf(word[1])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The constants of the current architecture. */
    public static Map<String, Long> here() {
        return of(ARCHITECTURES.get(System.getProperty("os.arch")));
    }
}
