package org.example.piimages.firstboot;

import java.util.ArrayList;
import java.util.List;

/** A file of lines "NAME=value", of which those that are not named stay as they are. */
final class Assignments {

    private final List<String> lines;

    /** Takes null for a new file. */
    Assignments(String text) {
        this.lines = new ArrayList<>(text == null ? List.of() : text.lines().toList());
    }

    /** The values of a name, in their order. */
    List<String> values(String name) {
        return lines.stream().filter(line -> line.startsWith(name + "=")).map(line -> line.substring(name.length() + 1).strip()).toList();
    }

    /** The first value of a name, or null. */
    String value(String name) {
        return values(name).stream().findFirst().orElse(null);
    }

    /** Has these values, each on a line, where the first of that name stood, or at the end. */
    void set(String name, List<String> values) {
        int place = 0;
        while (place < lines.size() && !lines.get(place).startsWith(name + "=")) {
            place++;
        }
        lines.removeIf(line -> line.startsWith(name + "="));
        lines.addAll(Math.min(place, lines.size()), values.stream().map(value -> name + "=" + value).toList());
    }

    void set(String name, String value) {
        set(name, List.of(value));
    }

    String text() {
        return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
    }
}
