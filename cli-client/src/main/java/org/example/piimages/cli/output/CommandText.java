package org.example.piimages.cli.output;

import java.util.List;
import java.util.stream.Collectors;

/** Formats command lines so that they can be pasted into a shell. */
public final class CommandText {

    private static final String PLAIN = "[A-Za-z0-9_@%+=:,./-]+";

    private CommandText() {
    }

    /** Returns the words, quoted if a shell would interpret them. */
    public static String of(List<?> words) {
        return words.stream().map(word -> quote(word.toString())).collect(Collectors.joining(" "));
    }

    private static String quote(String word) {
        return word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
