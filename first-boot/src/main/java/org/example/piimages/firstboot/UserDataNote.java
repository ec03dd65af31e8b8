package org.example.piimages.firstboot;

import java.util.List;
import java.util.Map;

/**
 * What user-data said before it was changed, and which of its users configure made: YAML in comments at the file's end. Without it,
 * --reset could not tell what is its own from what the image came with.
 */
final class UserDataNote {

    private static final String MARK = "#: ";
    private static final String TITLE = "# Written and read by piimagesctl configure; --reset restores the values in before.\n";
    private static final String USER = "user";
    private static final String BEFORE = "before";

    private final YamlFile file;

    /**
     * Reads it.
     *
     * @param name what to call the file in an error
     * @param text the whole file's text, or null
     */
    UserDataNote(String name, String text) throws FirstBootException {
        StringBuilder lines = new StringBuilder();
        if (text != null) {
            text.substring(rest(text).length()).lines().forEach(line -> lines.append(line.substring(MARK.length())).append('\n'));
        }
        this.file = YamlFile.parse(name, lines.isEmpty() ? TITLE : lines.toString());
    }

    /** What is before the note; null for null. */
    static String rest(String text) {
        if (text == null) {
            return null;
        }
        int end = text.length();
        while (end > 0) {
            int start = text.lastIndexOf('\n', end - 2) + 1;
            if (!text.startsWith(MARK, start)) {
                break;
            }
            end = start;
        }
        return text.substring(0, end);
    }

    /** The name of the user that configure made or changed last, or null. */
    String user() {
        return file.get(USER) instanceof String name ? name : null;
    }

    void setUser(String name) {
        file.set(USER, name);
    }

    /** Notes what user-data says by a name at its top, which is about to be changed, unless an earlier value is noted. */
    void keep(YamlFile data, String key) {
        Map<String, Object> before = YamlFile.mapping(file.get(BEFORE));
        if (!before.containsKey(key)) {
            before.put(key, data.get(key));
            file.set(BEFORE, before);
        }
    }

    /** Has user-data say again what it said. */
    void restore(YamlFile data) {
        YamlFile.mapping(file.get(BEFORE)).forEach(data::set);
    }

    /** Has it say nothing. */
    void clear() {
        file.set(USER, null);
        file.set(BEFORE, null);
    }

    /** Its lines, empty where there is nothing to note. */
    String text() throws FirstBootException {
        if (file.get(USER) == null && file.get(BEFORE) == null) {
            return "";
        }
        List<String> lines = file.text().lines().map(line -> MARK + line).toList();
        return String.join("\n", lines) + "\n";
    }
}
