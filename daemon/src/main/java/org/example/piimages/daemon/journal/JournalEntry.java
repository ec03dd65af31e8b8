package org.example.piimages.daemon.journal;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One entry: its fields, and how they are written; systemd.io, "Native Journal Protocol".
 *
 * <p>Values are made fit for a terminal here, whoever made them: a file name or a label may carry newlines and escape codes.
 */
final class JournalEntry {

    /** As journald takes them from a service: no lower case, no leading underscore, which is for journald's own. */
    private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");
    /** What most values are made of. */
    private static final Pattern PLAIN = Pattern.compile("[ -~]*");
    /** A datagram must fit the socket's buffer; the longest text that means something is a path. */
    private static final int LIMIT = 8192;
    private static final int STACK_LIMIT = 40;
    private static final String TRACE = "PIIMAGES_TRACE";

    private final int priority;
    private final Map<String, String> fields = new LinkedHashMap<>();

    /**
     * An entry with its message.
     *
     * @param priority as syslog(3) counts: 3 for an error, 6 for information
     */
    JournalEntry(int priority, String message) {
        this.priority = priority;
        fields.put("MESSAGE", printable(message));
        fields.put("PRIORITY", String.valueOf(priority));
    }

    /** Adds a field. Throws IllegalArgumentException for a name that the journal would drop, and for one that is there. */
    JournalEntry field(String name, String value) {
        if (!NAME.matcher(name).matches() || fields.putIfAbsent(name, printable(value)) != null) {
            throw new IllegalArgumentException("no name for a new field: " + name);
        }
        return this;
    }

    /** Adds what an exception says to the message, which stays one line; and where it comes from as a field, a line for each frame. */
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

    /** Every field by its length, so that no byte of a value can be taken for the protocol's. */
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

    /** The message, and where an exception comes from, for a standard error that somebody reads: lines with priorities, sd-daemon(3). */
    String lines() {
        String prefix = "<" + priority + ">";
        String trace = fields.containsKey(TRACE) ? "\n" + fields.get(TRACE) : "";
        return prefix + (fields.get("MESSAGE") + trace).replace("\n", "\n" + prefix) + "\n";
    }

    /** The text in one line, with everything that is no visible character or space written as {@code \}{@code u{hex}}. */
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
