package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What cmdline.txt tells the kernel of its root filesystem.
 *
 * @param root the value of {@code root=}, empty when it is not there; the image's own words
 * @param rootFlags the mount options in {@code rootflags=}
 */
public record KernelCommandLine(String root, List<String> rootFlags) {

    /** How much of it is read, in bytes; the kernel of the Raspberry Pi takes 1024 or 2048. */
    public static final int BYTE_LIMIT = 8 * 1024;

    /** What an image without the file has. */
    public static final KernelCommandLine EMPTY = new KernelCommandLine("", List.of());

    /** Keeps its own copy of the list. */
    public KernelCommandLine {
        rootFlags = List.copyOf(rootFlags);
    }

    /** Reads the first line that has anything on it, as the firmware does; of an option that is there twice the last one counts. */
    public static KernelCommandLine parse(byte[] content) {
        String line = new String(content, StandardCharsets.UTF_8).lines().filter(text -> !text.isBlank()).findFirst().orElse("");
        String root = "";
        List<String> flags = List.of();
        for (String word : words(line)) {
            if (word.startsWith("root=")) {
                root = word.substring("root=".length());
            } else if (word.startsWith("rootflags=")) {
                flags = List.of(word.substring("rootflags=".length()).split(","));
            }
        }
        return new KernelCommandLine(root, flags);
    }

    /** Words end at blanks outside double quotes; the quotes are none of them (kernel, lib/cmdline.c). */
    private static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        for (char character : (line + " ").toCharArray()) {
            if (character == '"') {
                quoted = !quoted;
            } else if (!quoted && (character == ' ' || character == '\t')) {
                words.add(word.toString());
                word.setLength(0);
            } else {
                word.append(character);
            }
        }
        words.add(word.toString());
        return words;
    }
}
