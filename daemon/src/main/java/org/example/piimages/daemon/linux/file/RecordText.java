package org.example.piimages.daemon.linux.file;

import java.util.Properties;
import java.util.TreeSet;

/**
 * A record as the text that {@link Properties#load(java.io.Reader)} reads. {@link Properties#store(java.io.Writer, String)} begins with the
 * date in words, for which it loads the names of all time zones: a fifth of a daemon's first mount, and two megabytes.
 */
final class RecordText {

    private RecordText() {
    }

    /** A line for each entry, in the order of the keys. */
    static String of(Properties record) {
        StringBuilder text = new StringBuilder();
        for (String key : new TreeSet<>(record.stringPropertyNames())) {
            append(text, key, true);
            append(text.append('='), record.getProperty(key), false);
            text.append('\n');
        }
        return text.toString();
    }

    /** Within a key more has a meaning than within a value, where a blank has none but at its beginning. */
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
