package org.example.piimages.cli.output;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongFunction;

/** The properties of an object for display: labels and values, the labels right-aligned as in the tools of systemd. */
public final class Details {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("EEE uuuu-MM-dd HH:mm:ss z", Locale.ENGLISH);
    private static final long MICROSECONDS = 1_000_000;

    private record Line(String label, String value) {
    }

    private final List<Line> lines = new ArrayList<>();

    private Details() {
    }

    /** Returns the properties unchanged. */
    public static Details of(Map<String, Object> properties) {
        Details details = new Details();
        properties.forEach((name, value) -> details.add(name, String.valueOf(value)));
        return details;
    }

    /** Returns the details of an Image; {@code size} formats numbers of bytes. */
    public static Details ofImage(Map<String, Object> properties, LongFunction<String> size) {
        Details details = new Details();
        details.add("Image", text(properties, "File"));
        details.add("Mount point", text(properties, "MountPoint"));
        boolean mapped = Boolean.TRUE.equals(properties.get("IdMapped"));
        details.add("Access", access(Boolean.TRUE.equals(properties.get("ReadOnly"))) + (mapped ? ", the owner is the image's root" : ""));
        details.add("Owner", "uid " + text(properties, "Owner"));
        details.add("CPU", text(properties, "Architecture"));
        details.add("Boot by", text(properties, "BootRule"));
        details.add("Since", time(properties));
        if (properties.get("Notes") instanceof List<?> notes) {
            notes.forEach(note -> details.add("Note", note.toString()));
        }
        if (properties.get("Partitions") instanceof List<?> partitions) {
            partitions.forEach(partition -> details.partition((List<?>) partition, size));
        }
        return details;
    }

    /** Returns the details of a Machine. */
    public static Details ofMachine(Map<String, Object> properties) {
        Details details = new Details();
        details.add("Machine", text(properties, "Name"));
        details.add("Image", text(properties, "File"));
        details.add("Command", properties.get("Command") instanceof List<?> words ? CommandText.of(words) : "");
        details.add("Owner", "uid " + text(properties, "Owner"));
        String interpreter = text(properties, "Interpreter");
        boolean emulated = Boolean.TRUE.equals(properties.get("Emulated"));
        details.add("CPU", text(properties, "Architecture") + (emulated ? ", emulated by " + interpreter : ""));
        details.add("Unit", text(properties, "Unit"));
        details.add("Since", time(properties));
        return details;
    }

    /** Returns the access mode as a text. */
    public static String access(boolean readOnly) {
        return readOnly ? "read-only" : "read-write";
    }

    /** Adds a partition. The fields are number, filesystem, UUID, mount point in the image, loop device, offset and length. */
    private void partition(List<?> fields, LongFunction<String> size) {
        add("Partition " + fields.get(0), fields.get(1) + ", " + size.apply(((Number) fields.get(6)).longValue()) + ", on " + fields.get(3)
                + " by " + fields.get(4) + ", UUID " + fields.get(2));
    }

    /** Adds a line; an empty value is shown as a dash. */
    public void add(String label, String value) {
        lines.add(new Line(label, value.isEmpty() ? "-" : value));
    }

    private static String text(Map<String, Object> properties, String name) {
        return String.valueOf(properties.getOrDefault(name, ""));
    }

    private static String time(Map<String, Object> properties) {
        long since = properties.get("Since") instanceof Number microseconds ? microseconds.longValue() : 0;
        return TIME.format(Instant.ofEpochSecond(since / MICROSECONDS).atZone(ZoneId.systemDefault()));
    }

    /** Returns the lines to print. */
    public List<String> lines() {
        int width = lines.stream().mapToInt(line -> line.label().length()).max().orElse(0);
        return lines.stream().map(line -> " ".repeat(width - line.label().length()) + line.label() + ": " + line.value()).toList();
    }
}
