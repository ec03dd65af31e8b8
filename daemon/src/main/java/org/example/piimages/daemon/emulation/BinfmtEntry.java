package org.example.piimages.daemon.emulation;

import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What the kernel says about a binfmt_misc entry in the file of its name.
 *
 * @param name of the entry
 * @param enabled whether the kernel uses it
 * @param interpreter a path on the host; with F it may mean a file that is no longer there
 * @param flags as the kernel prints them
 * @param pattern what the file has to begin with; empty when the entry goes by the extension of the file's name
 * @param extension without its dot; empty when the entry goes by a pattern
 */
public record BinfmtEntry(String name, boolean enabled, String interpreter, Set<BinfmtFlag> flags, Optional<BytePattern> pattern,
        Optional<String> extension) {

    /** Keeps its own copy of the flags; nothing is null. */
    public BinfmtEntry {
        Objects.requireNonNull(name);
        Objects.requireNonNull(interpreter);
        Objects.requireNonNull(pattern);
        Objects.requireNonNull(extension);
        flags = Set.copyOf(flags);
    }

    /**
     * Reads the text that entry_status() in fs/binfmt_misc.c prints.
     *
     * @param name of the entry's file
     * @param text its content
     * @return empty when it is not such a text; the files "register" and "status" are none
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

    /** Whether the flag is set. */
    public boolean has(BinfmtFlag flag) {
        return flags.contains(flag);
    }

    /**
     * Whether the kernel would take it for a file with this beginning, were it enabled; an entry by extension never matches here.
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
            // The kernel prints numbers; whatever this is, it is not its text.
            return Optional.empty();
        }
    }
}
