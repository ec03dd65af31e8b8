package org.example.piimages.daemon.image.disk;

/**
 * Text out of an image, made fit for a message or a terminal.
 *
 * <p>A label may carry newlines, escape codes or characters that turn the direction of writing; none of them may reach a terminal, a log
 * line or a dialog.
 */
public final class Printable {

    /** How many code points of the text are shown; an ellipsis stands for the others. */
    static final int LIMIT = 64;

    private Printable() {
    }

    /**
     * The text between double quotes, with everything that is not a plain visible character or a space written as {@code \}{@code u{hex}}.
     * Quotes and backslashes get a backslash, so the result tells apart what the text said.
     *
     * @param text what the image said, not null
     */
    public static String quoted(String text) {
        StringBuilder shown = new StringBuilder().append('"');
        text.codePoints().limit(LIMIT).forEach(point -> append(shown, point));
        if (text.codePointCount(0, text.length()) > LIMIT) {
            shown.append('…');
        }
        return shown.append('"').toString();
    }

    /** A path that somebody named, for a message: as it is when it is plain, else as {@link #quoted}, whole in either case. */
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
