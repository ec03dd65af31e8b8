package org.example.piimages.daemon.emulation;

import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.Set;

/**
 * Parses a registration line: {@code :name:type:offset:magic:mask:interpreter:flags}, where the first byte defines the delimiter. For a
 * single use.
 *
 * <p>The parser is as strict as the kernel, so a rule that can be parsed can be registered.
 */
final class BinfmtRuleParser {

    /** The minimum length of a line; shorter ones are rejected. */
    private static final int MINIMUM_LENGTH = 11;

    private final String line;
    private final char delimiter;
    private int at = 1;

    BinfmtRuleParser(String line) {
        this.line = line;
        this.delimiter = line.charAt(0);
    }

    Optional<BinfmtRule> parse() {
        if (line.length() < MINIMUM_LENGTH || line.length() > BinfmtRule.LINE_LIMIT) {
            return Optional.empty();
        }
        String name = field();
        String type = field();
        String offset = field();
        String magic = type.equals("M") ? escapedField() : field();
        String mask = type.equals("M") ? escapedField() : field();
        String interpreter = field();
        if (at > line.length() || name.isEmpty() || name.equals(".") || name.equals("..") || name.contains("/") || magic.isEmpty()
                || interpreter.isEmpty()) {
            return Optional.empty();
        }
        Optional<Set<BinfmtFlag>> flags = BinfmtFlag.parse(line.substring(at));
        if (flags.isEmpty()) {
            return Optional.empty();
        }
        if (type.equals("E") && !magic.contains("/")) {
            return Optional.of(new BinfmtRule(name, Optional.empty(), Optional.of(magic), interpreter, flags.get()));
        }
        return type.equals("M") ? pattern(offset, magic, mask)
                .map(bytes -> new BinfmtRule(name, Optional.of(bytes), Optional.empty(), interpreter, flags.get())) : Optional.empty();
    }

    /** Returns the text up to the next delimiter; if there is none, {@link #at} ends up beyond the line. */
    private String field() {
        return fieldUpTo(at > line.length() ? -1 : line.indexOf(delimiter, at));
    }

    /**
     * Like {@link #field}, but {@code \xHH} is kept together even if the delimiter is x or a hexadecimal digit (scanarg() in the kernel).
     */
    private String escapedField() {
        int end = at;
        while (end < line.length() && line.charAt(end) != delimiter) {
            boolean escape = line.charAt(end) == '\\' && end + 1 < line.length() && line.charAt(end + 1) == 'x';
            if (escape && digit(end + 2) >= 0 && digit(end + 3) >= 0) {
                end += 4;
            } else if (escape) {
                return fieldUpTo(-1);
            } else {
                end++;
            }
        }
        return fieldUpTo(end < line.length() ? end : -1);
    }

    private String fieldUpTo(int end) {
        if (end < 0) {
            at = line.length() + 1;
            return "";
        }
        String field = line.substring(at, end);
        at = end + 1;
        return field;
    }

    private static Optional<BytePattern> pattern(String offset, String magic, String mask) {
        // Ten digits could overflow, and valid offsets have at most three.
        if (!offset.matches("[+]?[0-9]{0,9}") || offset.equals("+")) {
            return Optional.empty();
        }
        return BytePattern.of(offset.isEmpty() ? 0 : Integer.parseInt(offset), unescape(magic), unescape(mask));
    }

    private static byte[] unescape(String field) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(field.length());
        for (int index = 0; index < field.length(); index++) {
            if (field.startsWith("\\x", index)) {
                bytes.write(Integer.parseInt(field.substring(index + 2, index + 4), 16));
                index += 3;
            } else {
                bytes.write(field.charAt(index));
            }
        }
        return bytes.toByteArray();
    }

    private int digit(int index) {
        return index < line.length() ? Character.digit(line.charAt(index), 16) : -1;
    }
}
