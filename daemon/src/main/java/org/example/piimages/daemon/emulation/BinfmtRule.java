package org.example.piimages.daemon.emulation;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;

/**
 * A rule to be registered with binfmt_misc: a line of a binfmt.d(5) file, or one created here.
 *
 * @param name the name of the resulting entry
 * @param pattern the required beginning of a file; empty if the rule matches by file name extension
 * @param extension the extension without the dot, for a rule without a pattern
 * @param interpreter a path on the host
 * @param flags the flags of the entry
 */
public record BinfmtRule(String name, Optional<BytePattern> pattern, Optional<String> extension, String interpreter,
        Set<BinfmtFlag> flags) {

    /** The longest line that the kernel registers, in bytes (MAX_REGISTER_LENGTH). */
    public static final int LINE_LIMIT = 1920;

    private static final Pattern OWN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
    private static final Pattern CONTROL = Pattern.compile("[\\x00-\\x1f\\x7f]");
    /** Candidates for the delimiter, which may be any byte; the first that occurs in none of the fields is used. */
    private static final String DELIMITERS = ":|,;!%+=";

    /** Copies the flags; exactly one of pattern and extension must be present. */
    public BinfmtRule {
        Objects.requireNonNull(name);
        Objects.requireNonNull(interpreter);
        flags = Set.copyOf(flags);
        if (pattern.isPresent() == extension.isPresent()) {
            throw new IllegalArgumentException("a rule has either a pattern or an extension");
        }
    }

    /**
     * Parses a line as the kernel does (create_entry() in fs/binfmt_misc.c).
     *
     * @param line the line without its newline, one character for each byte (ISO 8859-1)
     * @return empty for a blank line, a comment, and everything that the kernel would reject
     */
    public static Optional<BinfmtRule> parse(String line) {
        if (line.isBlank() || line.startsWith("#") || line.startsWith(";")) {
            return Optional.empty();
        }
        return new BinfmtRuleParser(line).parse();
    }

    /**
     * Creates a rule for an architecture for which the host has an emulator but no binfmt.d file.
     *
     * @param name the name of the entry
     * @param interpreter the emulator's path on the host
     * @param flags the flags of the entry
     */
    public static BinfmtRule of(String name, Architecture architecture, String interpreter, Set<BinfmtFlag> flags) {
        return new BinfmtRule(name, Optional.of(ProgramPattern.of(architecture)), Optional.empty(), interpreter, flags);
    }

    /** Returns this rule with another name and other flags. */
    public BinfmtRule with(String newName, Set<BinfmtFlag> newFlags) {
        return new BinfmtRule(newName, pattern, extension, interpreter, newFlags);
    }

    /**
     * Returns whether the rule matches a file with this beginning; always false for a rule by extension. For the header see {@link
     * BytePattern#matches}.
     */
    public boolean matches(byte[] header) {
        return pattern.filter(bytes -> bytes.matches(header)).isPresent();
    }

    /**
     * Returns the line to write to the kernel's "register" file, without a newline.
     *
     * @throws Failure INVALID_ARGUMENT if the kernel would reject or misinterpret it: a name with a slash, an interpreter that is not an
     *         absolute path or contains control characters, a line that is too long
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
