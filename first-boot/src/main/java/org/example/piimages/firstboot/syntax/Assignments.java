package org.example.piimages.firstboot.syntax;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A file of lines "NAME=value". Lines that are not set are kept byte for byte. Values are UTF-8. */
public final class Assignments {

    /** The lines, with one character for each byte; a carriage return before the line feed is part of the line. */
    private final List<String> lines;
    private final String ending;

    /** Parses the file's bytes, or null for a new file. */
    public Assignments(byte[] content) {
        String text = content == null ? "" : new String(content, StandardCharsets.ISO_8859_1);
        this.lines = new ArrayList<>(List.of(text.split("\n", -1)));
        if (lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        this.ending = text.contains("\r\n") ? "\r" : "";
    }

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static String characters(String line) {
        return new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** Returns the values of a name, in file order. */
    public List<String> values(String name) {
        return lines.stream().filter(line -> line.startsWith(name + "=")).map(line -> characters(line.substring(name.length() + 1)).strip())
                .toList();
    }

    /** Returns the first value of a name, or null. */
    public String value(String name) {
        return values(name).stream().findFirst().orElse(null);
    }

    /** Replaces the values of a name by these, one on each line, at the place of the first old one or at the end. */
    public void set(String name, List<String> values) {
        if (values.equals(values(name))) {
            return;
        }
        int place = 0;
        while (place < lines.size() && !lines.get(place).startsWith(name + "=")) {
            place++;
        }
        lines.removeIf(line -> line.startsWith(name + "="));
        lines.addAll(Math.min(place, lines.size()), values.stream().map(value -> bytes(name + "=" + value) + ending).toList());
    }

    public void set(String name, String value) {
        set(name, List.of(value));
    }

    /** Returns the file's bytes. */
    public byte[] content() {
        return (lines.isEmpty() ? "" : String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
