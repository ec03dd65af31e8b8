package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The options in cmdline.txt that concern the root filesystem.
 *
 * @param root the value of {@code root=}, untrusted; the empty string if absent
 * @param rootFlags the mount options in {@code rootflags=}
 */
public record KernelCommandLine(String root, List<String> rootFlags) {

    /** The most that is read of the file, in bytes; the kernel of the Raspberry Pi accepts 1024 or 2048. */
    public static final int BYTE_LIMIT = 8 * 1024;

    /** The command line of an image without the file. */
    public static final KernelCommandLine EMPTY = new KernelCommandLine("", List.of());

    /** Keeps its own copy of the list. */
    public KernelCommandLine {
        rootFlags = List.copyOf(rootFlags);
    }

    /** Parses the first line that is not blank, like the firmware; the last occurrence of an option counts. */
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

    /** Splits the line at blanks outside double quotes, and removes the quotes (kernel, lib/cmdline.c). */
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
