package org.example.piimages.daemon.image.disk;

/**
 * Escapes untrusted text from an image for messages and terminals.
 *
 * <p>A label may contain newlines, escape codes or characters that change the text direction; none of them may reach a terminal, a log
 * line or a dialog.
 */
public final class Printable {

    /** The maximum number of code points that are shown; an ellipsis stands for the rest. */
    static final int LIMIT = 64;

    private Printable() {
    }

    /**
     * The text between double quotes, with everything that is not a plain visible character or a space written as {@code \}{@code u{hex}}.
     * Quotes and backslashes are escaped with a backslash, so the result is unambiguous.
     *
     * @param text the text from the image, not null
     */
    public static String quoted(String text) {
        StringBuilder shown = new StringBuilder().append('"');
        text.codePoints().limit(LIMIT).forEach(point -> append(shown, point));
        if (text.codePointCount(0, text.length()) > LIMIT) {
            shown.append('…');
        }
        return shown.append('"').toString();
    }

    /** Returns a path for a message: unchanged if it needs no escaping, otherwise like {@link #quoted}; never shortened. */
    public static String path(String path) {
        if (path.codePoints().allMatch(point -> point != ' ' && point != '"' && point != '\\' && isVisible(point))) {
            return path;
        }
        StringBuilder shown = new StringBuilder().append('"');
        path.codePoints().forEach(point -> append(shown, point));
        return shown.append('"').toString();
    }

    private static void append(StringBuilder shown, int point) {
        if (point == '"' || point == '\\') {
            shown.append('\\').appendCodePoint(point);
        } else if (isVisible(point)) {
            shown.appendCodePoint(point);
        } else {
            shown.append("\\u{").append(Integer.toHexString(point)).append('}');
        }
    }

    private static boolean isVisible(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED,
                    Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            case Character.SPACE_SEPARATOR -> point == ' ';
            default -> true;
        };
    }
}
