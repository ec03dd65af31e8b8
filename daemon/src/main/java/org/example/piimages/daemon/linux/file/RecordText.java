package org.example.piimages.daemon.linux.file;

import java.util.Properties;
import java.util.TreeSet;

/**
 * Writes a record in the format that {@link Properties#load(java.io.Reader)} reads. {@link Properties#store(java.io.Writer, String)} begins
 * with a formatted date, for which it loads the names of all time zones: a fifth of the time of a daemon's first mount, and two megabytes.
 */
final class RecordText {

    private RecordText() {
    }

    /** Returns one line for each entry, sorted by key. */
    static String of(Properties record) {
        StringBuilder text = new StringBuilder();
        for (String key : new TreeSet<>(record.stringPropertyNames())) {
            append(text, key, true);
            append(text.append('='), record.getProperty(key), false);
            text.append('\n');
        }
        return text.toString();
    }

    /**
     * Appends a key or a value with its special characters escaped. A value has fewer of them: a blank is special only at its beginning.
     */
    private static void append(StringBuilder text, String words, boolean isKey) {
        for (int i = 0; i < words.length(); i++) {
            char character = words.charAt(i);
            switch (character) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\\' -> text.append("\\\\");
                case ' ', '\t', '\f' -> text.append(isKey || i == 0 ? "\\" : "").append(character);
                case '=', ':', '#', '!' -> text.append(isKey ? "\\" : "").append(character);
                default -> text.append(character);
            }
        }
    }
}
