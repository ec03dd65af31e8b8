package org.example.piimages.cli.failure;

/**
 * Escapes untrusted text, such as file names or data from an image, for display on a terminal: no character can move the cursor, end a line
 * or change the direction of writing.
 */
public final class Printable {

    private Printable() {
    }

    /**
     * Returns the text with control, format and line-separating characters escaped as {@code \n}, {@code \t}, {@code \xNN} or {@code
     * \}{@code uNNNN}.
     */
    public static String of(String text) {
        StringBuilder result = null;
        int length = text.length();
        for (int i = 0; i < length; i += Character.charCount(text.codePointAt(i))) {
            int c = text.codePointAt(i);
            if (isHarmless(c)) {
                if (result != null) {
                    result.appendCodePoint(c);
                }
            } else {
                result = result != null ? result : new StringBuilder(length + 8).append(text, 0, i);
                result.append(escape(c));
            }
        }
        return result == null ? text : result.toString();
    }

    private static boolean isHarmless(int c) {
        if (c < 0x7f) {
            return c >= ' ';
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }

    private static String escape(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\t' -> "\\t";
            case '\r' -> "\\r";
            default -> c < 0x80 ? "\\x" + hex(c, 2) : c < 0x10000 ? "\\u" + hex(c, 4) : "\\U" + hex(c, 8);
        };
    }

    private static String hex(int c, int digits) {
        String hex = Integer.toHexString(c);
        return "0".repeat(digits - hex.length()) + hex;
    }
}
