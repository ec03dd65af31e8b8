package org.example.piimages.daemon.emulation;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;

/**
 * A rule as it is registered with binfmt_misc: a line of a binfmt.d(5) file, or one of our own.
 *
 * @param name of the entry that it makes
 * @param pattern what a file has to begin with; empty for a rule by extension
 * @param extension for a rule without a pattern: that of the file's name, without its dot
 * @param interpreter a path on the host
 * @param flags of the entry
 */
public record BinfmtRule(String name, Optional<BytePattern> pattern, Optional<String> extension, String interpreter,
        Set<BinfmtFlag> flags) {

    /** The longest line that the kernel registers, in bytes (MAX_REGISTER_LENGTH). */
    public static final int LINE_LIMIT = 1920;

    private static final Pattern OWN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");
    /** Any byte may delimit; the first of these that is in none of the fields does. */
    private static final String DELIMITERS = ":|,;!%+=";

    /** Keeps its own copy of the flags; exactly one of the pattern and the extension is there. */
    public BinfmtRule {
        Objects.requireNonNull(name);
        Objects.requireNonNull(interpreter);
        flags = Set.copyOf(flags);
        if (pattern.isPresent() == extension.isPresent()) {
            throw new IllegalArgumentException("a rule has either a pattern or an extension");
        }
    }

    /**
     * Reads a line as the kernel would (create_entry() in fs/binfmt_misc.c).
     *
     * @param line without its newline, one character a byte (ISO 8859-1)
     * @return empty for a blank line, a comment, and whatever the kernel would refuse
     */
    public static Optional<BinfmtRule> parse(String line) {
        if (line.isBlank() || line.startsWith("#") || line.startsWith(";")) {
            return Optional.empty();
        }
        return new BinfmtRuleParser(line).parse();
    }

    /**
     * The rule for programs of an architecture whose host has an emulator but no binfmt.d file for it.
     *
     * @param name of the entry to make
     * @param interpreter the emulator's path on the host
     * @param flags of the entry
     */
    public static BinfmtRule of(String name, Architecture architecture, String interpreter, Set<BinfmtFlag> flags) {
        return new BinfmtRule(name, Optional.of(ProgramPattern.of(architecture)), Optional.empty(), interpreter, flags);
    }

    /** The same rule under another name and with other flags. */
    public BinfmtRule with(String newName, Set<BinfmtFlag> newFlags) {
        return new BinfmtRule(newName, pattern, extension, interpreter, newFlags);
    }

    /** Whether it is for a file with this beginning; one by extension never is. The header is as for {@link BytePattern#matches}. */
    public boolean matches(byte[] header) {
        return pattern.filter(bytes -> bytes.matches(header)).isPresent();
    }

    /**
     * The line to write into the kernel's "register" file, without a newline.
     *
     * @throws Failure INVALID_ARGUMENT when the kernel would refuse it, or might misread it: a name with a slash, an interpreter that is no
     *     absolute path or has control characters, a line that is too long
     */
    public String registrationLine() {
        if (!OWN_NAME.matcher(name).matches()) {
            throw unregistrable("its name may contain only letters, digits, dots, hyphens and underscores");
        }
        if (!interpreter.startsWith("/") || CONTROL.matcher(interpreter).find()) {
            throw unregistrable("its interpreter must be an absolute path without control characters");
        }
        String texts = name + interpreter + extension.orElse("");
        char delimiter = (char) DELIMITERS.chars().filter(candidate -> texts.indexOf(candidate) < 0).findFirst()
                .orElseThrow(() -> unregistrable("the path of its interpreter contains every character that could delimit the fields"));
        StringBuilder line = new StringBuilder().append(delimiter).append(name).append(delimiter);
        pattern.ifPresent(bytes -> line.append('M').append(delimiter).append(bytes.fields(delimiter)));
        extension.ifPresent(text -> line.append('E').append(delimiter).append(delimiter).append(text).append(delimiter));
        line.append(delimiter).append(interpreter).append(delimiter);
        flags.stream().sorted().forEach(flag -> line.append(flag.letter()));
        if (line.toString().getBytes(StandardCharsets.UTF_8).length > LINE_LIMIT) {
            throw unregistrable("its line is longer than the " + LINE_LIMIT + " bytes that the kernel accepts");
        }
        return line.toString();
    }

    private static Failure unregistrable(String reason) {
        return new Failure(Failure.Kind.INVALID_ARGUMENT, "the interpreter cannot be registered with binfmt_misc: " + reason);
    }
}
