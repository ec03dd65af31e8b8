package org.example.piimages.firstboot.cloudinit;

import java.util.List;
import java.util.Map;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.syntax.YamlFile;

/**
 * The original values in user-data, and the user that configure created: YAML in comments at the end of the file. Without it, --reset
 * could not distinguish its own changes from what the image contained.
 */
final class UserDataNote {

    private static final String MARK = "#: ";
    private static final String TITLE = "# Written and read by piimagesctl configure; --reset restores the values in before.\n";
    private static final String USER = "user";
    private static final String BEFORE = "before";

    private final YamlFile file;

    /**
     * Parses the note.
     *
     * @param name the name of the file in an error message
     * @param text the whole file's text, or null
     */
    UserDataNote(String name, String text) throws FirstBootException {
        String note = text == null ? "" : text.substring(withoutNote(text).length());
        // Only a line feed ends a line here (d), as in withoutNote().
        this.file = YamlFile.parse(name, note.isEmpty() ? TITLE : note.replaceAll("(?dm)^" + MARK, ""));
    }

    /** Returns the text before the note; null for null. */
    static String withoutNote(String text) {
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

    /** Returns the name of the user that configure last created or changed, or null. */
    String user() {
        return file.get(USER) instanceof String name ? name : null;
    }

    void setUser(String name) {
        file.set(USER, name);
    }

    /** Records the value of a top-level key that is about to be changed, unless an earlier value is recorded. */
    void saveOriginal(YamlFile data, String key) {
        Map<String, Object> before = YamlFile.mapping(file.get(BEFORE));
        if (!before.containsKey(key)) {
            before.put(key, data.get(key));
            file.set(BEFORE, before);
        }
    }

    /** Restores the recorded values in user-data. */
    void restore(YamlFile data) {
        YamlFile.mapping(file.get(BEFORE)).forEach(data::set);
    }

    /** Clears the note. */
    void clear() {
        file.set(USER, null);
        file.set(BEFORE, null);
    }

    /** Returns the lines of the note, empty if there is nothing to record. */
    String text() throws FirstBootException {
        if (file.get(USER) == null && file.get(BEFORE) == null) {
            return "";
        }
        List<String> lines = file.text().lines().map(line -> MARK + line).toList();
        return String.join("\n", lines) + "\n";
    }
}
