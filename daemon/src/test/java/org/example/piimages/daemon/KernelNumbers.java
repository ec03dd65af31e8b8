package org.example.piimages.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/** What a CPU's headers say of the kernel's numbers; {@code testbed/headers/tables} made it from them. */
public final class KernelNumbers {

    /** Debian's names of the CPUs, by Java's. */
    public static final Map<String, String> ARCHITECTURES = Map.of("amd64", "amd64", "aarch64", "arm64");

    private KernelNumbers() {
    }

    /** The table of a CPU, by Debian's name of it. */
    public static Map<String, Long> of(String architecture) {
        try (InputStream table = KernelNumbers.class.getResourceAsStream("/kernel-numbers/" + architecture);
                BufferedReader lines = new BufferedReader(new InputStreamReader(table, StandardCharsets.US_ASCII))) {
            return lines.lines().map(line -> line.split(" ")).collect(Collectors.toMap(word -> word[0], word -> Long.valueOf(word[1])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The table of the CPU that this runs on. */
    public static Map<String, Long> here() {
        return of(ARCHITECTURES.get(System.getProperty("os.arch")));
    }
}
