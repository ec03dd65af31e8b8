package org.example.piimages.cli.service;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.output.Details;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;

/**
 * The description of an image that is not mounted, as Manager.DescribeImage returns it.
 *
 * @param file the image file
 * @param answer the reply of the service, in the types of {@link PlainValues}
 */
public record ImageSummary(String file, Map<?, ?> answer) {

    private static final List<String> PARTITION = List.of("number", "offset", "size", "content", "label", "uuid", "partuuid", "partlabel",
            "use");
    private static final List<String> SYSTEM = List.of("partition", "subvolume", "name", "chosen", "reason");
    private static final List<String> MOUNT = List.of("partition", "source", "target");

    /** Calls DescribeImage. Throws RemoteError if that fails. */
    public static ImageSummary ask(Service service, ImageFile file, Map<String, Variant<?>> options) {
        return new ImageSummary(file.path(),
                (Map<?, ?>) PlainValues.of(service.change(Call.manager("DescribeImage", "sa{sv}", file.path(), options))[0]));
    }

    /**
     * Returns the lines that describe an image before it is written to a device. The user is not asked for a password: if the service is
     * not permitted to read the image, or the image is in use, the text says that it was not inspected.
     */
    public static String beforeWriting(Service service, ImageFile file) {
        try {
            return new ImageSummary(file.path(),
                    (Map<?, ?>) PlainValues.of(service.ask(Call.manager("DescribeImage", "sa{sv}", file.path(), Map.of()))[0])).text();
        } catch (RemoteError e) {
            return Printable.of(file.path()) + ": not inspected: " + Printable.of(ErrorText.of(e).getMessage());
        }
    }

    private String text() {
        List<String> lines = new ArrayList<>(List.of(file + ", to be written:"));
        for (Map<String, Object> partition : named(answer.get("partitions"), PARTITION)) {
            lines.add(DeviceEntry.partition(partition.get("number"), partition.get("size"), partition.get("content"),
                    partition.get("label")));
        }
        List<Map<String, Object>> systems = named(answer.get("systems"), SYSTEM);
        systems.forEach(system -> lines.add("  system: " + system(system)));
        if (systems.isEmpty()) {
            lines.add("  no system found");
        }
        lines("problems").forEach(problem -> lines.add("  problem: " + problem));
        return lines.stream().map(Printable::of).collect(Collectors.joining(System.lineSeparator()));
    }

    /** Returns the fields for JSON output; the columns of tables are named. */
    public Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("image", file);
        answer.forEach((name, value) -> fields.put(name.toString().replace('-', '_'), switch (name.toString()) {
            case "partitions" -> named(value, PARTITION);
            case "systems" -> named(value, SYSTEM);
            case "mounts" -> named(value, MOUNT);
            default -> value;
        }));
        return fields;
    }

    /** Returns the description as labelled lines; {@code size} formats numbers of bytes. */
    public Details details(LongFunction<String> size) {
        Details details = Details.of(Map.of());
        details.add("Image", file + ", not mounted");
        String table = text("table");
        details.add("Table", table.isEmpty() ? "none" : table + " " + text("disk-id"));
        named(answer.get("partitions"), PARTITION).forEach(partition -> details.add("Partition " + partition.get("number"),
                partition(partition, size)));
        named(answer.get("systems"), SYSTEM).forEach(system -> details.add("System", system(system)));
        if (answer.containsKey("root")) {
            details.add("Root", "partition " + text("root") + ": " + text("reason"));
            named(answer.get("mounts"), MOUNT).forEach(mount -> details.add("Mounted", mount(mount)));
            details.add("Boot by", text("boot-rule"));
        }
        lines("notes").forEach(note -> details.add("Note", note.toString()));
        lines("problems").forEach(problem -> details.add("Problem", problem.toString()));
        if (!text("obstacle").isEmpty()) {
            details.add("Obstacle", text("obstacle"));
        }
        return details;
    }

    private static String partition(Map<String, Object> partition, LongFunction<String> size) {
        String content = partition.get("content").toString();
        String label = partition.get("label").toString();
        String partlabel = partition.get("partlabel").toString();
        String partuuid = partition.get("partuuid").toString();
        return (content.isEmpty() ? "unknown content" : content) + ", " + size.apply(((Number) partition.get("size")).longValue())
                + (label.isEmpty() ? "" : ", label " + label) + (partlabel.isEmpty() ? "" : ", PARTLABEL " + partlabel)
                + (partuuid.isEmpty() ? "" : ", PARTUUID " + partuuid) + ": " + partition.get("use");
    }

    private static String system(Map<String, Object> system) {
        String subvolume = system.get("subvolume").toString();
        String name = system.get("name").toString();
        return "partition " + system.get("partition") + (subvolume.isEmpty() ? "" : ", " + subvolume) + (name.isEmpty() ? "" : ": " + name)
                + (Boolean.TRUE.equals(system.get("chosen")) ? " (chosen)" : "");
    }

    private static String mount(Map<String, Object> mount) {
        boolean bind = ((Number) mount.get("partition")).longValue() == 0;
        String source = mount.get("source").toString();
        return mount.get("target") + (bind ? " from " + source
                : " from partition " + mount.get("partition") + (source.isEmpty() ? "" : ", " + source));
    }

    private String text(String name) {
        Object value = answer.get(name);
        return value == null ? "" : value.toString();
    }

    private List<?> lines(String name) {
        return answer.get(name) instanceof List<?> list ? list : List.of();
    }

    private static List<Map<String, Object>> named(Object rows, List<String> names) {
        return ((List<?>) rows).stream().map(row -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            for (int i = 0; i < names.size(); i++) {
                fields.put(names.get(i), ((List<?>) row).get(i));
            }
            return fields;
        }).toList();
    }
}
