package org.example.piimages.firstboot.syntax;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** cmdline.txt, or the file that config.txt names instead: words on one line. Words that are not set are kept byte for byte. */
public final class KernelCommandLine {

    /** The name of the file unless config.txt selects another one. */
    public static final String FILE = "cmdline.txt";
    /** The country whose radio regulations apply. */
    public static final String COUNTRY = "cfg80211.ieee80211_regdom=";

    /** The line, and everything after it. */
    private String line;
    private final String rest;

    private KernelCommandLine(String line, String rest) {
        this.line = line;
        this.rest = rest;
    }

    /** Parses the file's bytes, in any character set; null is an empty file. */
    public static KernelCommandLine of(byte[] content) {
        String text = content == null ? "" : new String(content, StandardCharsets.ISO_8859_1);
        int end = text.stripTrailing().indexOf('\n');
        String line = (end < 0 ? text : text.substring(0, end)).stripTrailing();
        return new KernelCommandLine(line, text.substring(line.length()));
    }

    /** Returns the rest of the first word that begins with {@code prefix}; null if there is none. */
    public String value(String prefix) {
        for (String word : line.split("\\s+")) {
            if (word.startsWith(prefix)) {
                return word.substring(prefix.length());
            }
        }
        return null;
    }

    /** Sets the word with this prefix, once, at the place of the first such word or at the end. */
    public void set(String prefix, String value) {
        List<int[]> places = places(prefix);
        String word = prefix + value;
        for (int i = places.size() - 1; i > 0; i--) {
            cut(places.get(i));
        }
        if (places.isEmpty()) {
            line = line.isEmpty() ? word : line + " " + word;
        } else {
            line = line.substring(0, places.get(0)[0]) + word + line.substring(places.get(0)[1]);
        }
    }

    /** Removes all words that begin with {@code prefix}. */
    public void remove(String prefix) {
        List<int[]> places = places(prefix);
        for (int i = places.size() - 1; i >= 0; i--) {
            cut(places.get(i));
        }
    }

    private void cut(int[] place) {
        int start = place[0] > 0 ? place[0] - 1 : 0;
        int end = place[0] > 0 || place[1] == line.length() ? place[1] : place[1] + 1;
        line = line.substring(0, start) + line.substring(end);
    }

    /** Returns start and end of each word that begins with {@code prefix}. */
    private List<int[]> places(String prefix) {
        List<int[]> places = new ArrayList<>();
        int at = 0;
        while (at < line.length()) {
            int end = at;
            while (end < line.length() && !Character.isWhitespace(line.charAt(end))) {
                end++;
            }
            if (end > at && line.startsWith(prefix, at)) {
                places.add(new int[] {at, end});
            }
            at = end + 1;
        }
        return places;
    }

    /** Returns the file's bytes. */
    public byte[] content() {
        return (line + rest).getBytes(StandardCharsets.ISO_8859_1);
    }
}
