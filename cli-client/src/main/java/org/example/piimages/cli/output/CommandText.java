package org.example.piimages.cli.output;

import java.util.List;
import java.util.stream.Collectors;

/** A command line as one could type it into a shell. */
public final class CommandText {

    private static final String PLAIN = "[A-Za-z0-9_@%+=:,./-]+";

    private CommandText() {
    }

    /** The words, quoted where a shell would make something else of them. */
    public static String of(List<?> words) {
        return words.stream().map(word -> quote(word.toString())).collect(Collectors.joining(" "));
    }

    private static String quote(String word) {
        return word.matches(PLAIN) ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
