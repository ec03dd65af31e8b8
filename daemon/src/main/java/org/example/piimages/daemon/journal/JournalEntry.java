package org.example.piimages.daemon.journal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A journal entry, and its encoding; see "Native Journal Protocol" on systemd.io.
 *
 * <p>Values are escaped here, whatever their origin, because a file name or a label may contain newlines and terminal control sequences.
 */
final class JournalEntry {

    /**
     * A field name that journald accepts from a service: without lower-case letters and without a leading underscore, which is reserved.
     */
    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");
    /** A value that need not be escaped, as most are. */
    private static final Pattern PLAIN = Pattern.compile("[ -~]*");
    /** The maximum length of a value, because the datagram must fit into the socket buffer; the longest meaningful value is a path. */
    private static final int LIMIT = 8192;
    private static final int STACK_LIMIT = 40;
    private static final String TRACE = "PIIMAGES_TRACE";

    private final int priority;
    private final Map<String, String> fields = new LinkedHashMap<>();

    /**
     * Creates an entry with a message.
     *
     * @param priority the priority as in syslog(3): 3 for an error, 6 for information
     */
    JournalEntry(int priority, String message) {
        this.priority = priority;
        fields.put("MESSAGE", printable(message));
        fields.put("PRIORITY", String.valueOf(priority));
    }

    /** Adds a field. Throws IllegalArgumentException for a name that journald would reject, and for a duplicate. */
    JournalEntry field(String name, String value) {
        if (!NAME.matcher(name).matches() || fields.putIfAbsent(name, printable(value)) != null) {
            throw new IllegalArgumentException("no name for a new field: " + name);
        }
        return this;
    }

    /** Appends an exception to the message, which remains one line, and adds its stack trace as a field with one line for each frame. */
    JournalEntry trace(Throwable thrown) {
        fields.merge("MESSAGE", ": " + printable(String.valueOf(thrown)), String::concat);
        StringBuilder text = new StringBuilder();
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            text.append(cause == thrown ? "" : "\ncaused by ").append(printable(String.valueOf(cause)));
            StackTraceElement[] frames = cause.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, STACK_LIMIT); i++) {
                text.append("\n    at ").append(frames[i]);
            }
        }
        fields.put(TRACE, text.length() <= 4 * LIMIT ? text.toString() : text.substring(0, 4 * LIMIT));
        return this;
    }

    /** Encodes the entry. Every field has an explicit length, so that no byte of a value is interpreted as part of the protocol. */
    byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        fields.forEach((name, value) -> {
            byte[] content = value.getBytes(StandardCharsets.UTF_8);
            bytes.writeBytes((name + "\n").getBytes(StandardCharsets.US_ASCII));
            bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(content.length).array());
            bytes.writeBytes(content);
            bytes.write('\n');
        });
        return bytes.toByteArray();
    }

    /** Formats the message and the stack trace for standard error, as lines with the priority prefixes of sd-daemon(3). */
    String lines() {
        String prefix = "<" + priority + ">";
        String trace = fields.containsKey(TRACE) ? "\n" + fields.get(TRACE) : "";
        return prefix + (fields.get("MESSAGE") + trace).replace("\n", "\n" + prefix) + "\n";
    }

    /**
     * Returns the text as one line, truncated to {@link #LIMIT}, with all invisible characters except the space as {@code \}{@code u{hex}}.
     */
    private static String printable(String text) {
        if (text.length() <= LIMIT && PLAIN.matcher(text).matches()) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LIMIT).forEach(point -> {
            if (isVisible(point)) {
                shown.appendCodePoint(point);
            } else {
                shown.append("\\u{").append(Integer.toHexString(point)).append('}');
            }
        });
        return shown.toString();
    }

    private static boolean isVisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
