package org.example.piimages.firstboot;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** cmdline.txt: words on one line, of which those that are not named stay as they are, byte for byte. */
final class KernelCommandLine {

    static final String FILE = "cmdline.txt";
    /** The country whose radio rules hold. */
    static final String COUNTRY = "cfg80211.ieee80211_regdom=";

    /** The line, and what follows it. */
    private String line;
    private final String rest;

    private KernelCommandLine(String line, String rest) {
        this.line = line;
        this.rest = rest;
    }

    /** Of the file's bytes, whatever their character set is; null is an empty file. */
    static KernelCommandLine of(byte[] content) {
        String text = content == null ? "" : new String(content, StandardCharsets.ISO_8859_1);
        int end = text.stripTrailing().indexOf('\n');
        String line = (end < 0 ? text : text.substring(0, end)).stripTrailing();
        return new KernelCommandLine(line, text.substring(line.length()));
    }

    /** What follows the first word that begins so; null where there is none. */
    String value(String prefix) {
        for (String word : line.split("\\s+")) {
            if (word.startsWith(prefix)) {
                return word.substring(prefix.length());
            }
        }
        return null;
    }

    /** Has this word, once, in the place of the first that begins so, or at the end. */
    void set(String prefix, String value) {
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

    /** Has no word that begins so. */
    void remove(String prefix) {
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

    /** Begin and end of each word that begins so. */
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

    /** The file's bytes. */
    byte[] content() {
        return (line + rest).getBytes(StandardCharsets.ISO_8859_1);
    }
}
