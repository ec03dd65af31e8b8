package org.example.piimages.build.failure;

/**
 * The location of a command in a recipe.
 *
 * @param file the Pifile, as the user specified it
 * @param line the line number, counted from 1
 * @param command the command with its arguments, as bash has expanded them
 */
public record Location(String file, int line, String command) {

    private static final int MAX_LENGTH = 80;

    /** Returns a text such as {@code pi.Pifile:7: RUN apt-get update}. */
    @Override
    public String toString() {
        String text = command.lines().findFirst().orElse("");
        boolean isShort = text.length() <= MAX_LENGTH && text.length() == command.length();
        return file + ":" + line + ": " + (isShort ? text : beginning(text) + "…");
    }

    /** Truncates the text, but does not split a surrogate pair, which could not be encoded. */
    private static String beginning(String text) {
        int end = Math.min(MAX_LENGTH, text.length());
        return text.substring(0, end > 0 && Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end);
    }
}
