package org.example.piimages.daemon.emulation;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A binfmt_misc entry, as the kernel shows it in the file of that name.
 *
 * @param name the entry's name
 * @param enabled whether the kernel uses it
 * @param interpreter a path on the host; with F, the file at that path may have been deleted or replaced
 * @param flags the flags that the kernel prints
 * @param pattern the required beginning of a file; empty if the entry matches by file name extension
 * @param extension the extension without the dot; empty if the entry matches by pattern
 */
public record BinfmtEntry(String name, boolean enabled, String interpreter, Set<BinfmtFlag> flags, Optional<BytePattern> pattern,
        Optional<String> extension) {

    /** Copies the flags; no argument may be null. */
    public BinfmtEntry {
        Objects.requireNonNull(name);
        Objects.requireNonNull(interpreter);
        Objects.requireNonNull(pattern);
        Objects.requireNonNull(extension);
        flags = Set.copyOf(flags);
    }

    /**
     * Parses the text that entry_status() in fs/binfmt_misc.c prints.
     *
     * @param name the name of the entry's file
     * @param text its content
     * @return empty if the text does not describe an entry, as for the files "register" and "status"
     */
    public static Optional<BinfmtEntry> parse(String name, String text) {
        String[] lines = text.split("\n", -1);
        boolean enabled = lines[0].equals("enabled");
        if (!enabled && !lines[0].equals("disabled")) {
            return Optional.empty();
        }
        Map<String, String> values = new HashMap<>();
        for (int index = 1; index < lines.length; index++) {
            int space = lines[index].indexOf(' ');
            String key = space < 0 ? lines[index] : lines[index].substring(0, space);
            values.put(key, space < 0 ? "" : lines[index].substring(space + 1));
        }
        String interpreter = values.getOrDefault("interpreter", "");
        Optional<Set<BinfmtFlag>> flags = BinfmtFlag.parse(values.getOrDefault("flags:", ""));
        Optional<String> extension = Optional.ofNullable(values.get("extension")).filter(value -> value.startsWith("."))
                .map(value -> value.substring(1));
        Optional<BytePattern> pattern = pattern(values);
        if (interpreter.isEmpty() || flags.isEmpty() || extension.isPresent() == pattern.isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new BinfmtEntry(name, enabled, interpreter, flags.get(), pattern, extension));
    }

    /** Returns whether a flag is set. */
    public boolean has(BinfmtFlag flag) {
        return flags.contains(flag);
    }

    /**
     * Returns whether the kernel would select this entry, if enabled, for a file with this beginning; always false for an entry that
     * matches by extension.
     *
     * @param header as for {@link BytePattern#matches}
     */
    public boolean matches(byte[] header) {
        return pattern.filter(bytes -> bytes.matches(header)).isPresent();
    }

    private static Optional<BytePattern> pattern(Map<String, String> values) {
        if (!values.containsKey("magic")) {
            return Optional.empty();
        }
        try {
            HexFormat hexadecimal = HexFormat.of();
            return BytePattern.of(Integer.parseInt(values.getOrDefault("offset", "")), hexadecimal.parseHex(values.get("magic")),
                    hexadecimal.parseHex(values.getOrDefault("mask", "")));
        } catch (IllegalArgumentException malformed) {
            // The kernel prints valid numbers, so this text is not from the kernel.
            return Optional.empty();
        }
    }
}
