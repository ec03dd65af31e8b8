package org.example.piimages.cli.service;

import java.util.List;
import java.util.Map;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.output.ByteCount;

/**
 * A disk, as Manager.DescribeDevice returns it.
 *
 * @param node the device node
 * @param sequence the disk sequence number, which distinguishes media in the same drive
 * @param removable whether the device is removable
 * @param obstacle why it cannot be written to; empty if it can
 * @param text the lines that the user is shown before it is erased
 */
public record DeviceEntry(String node, long sequence, boolean removable, String obstacle, String text) {

    /** Creates an entry from the reply of DescribeDevice. */
    public static DeviceEntry of(Map<?, ?> description) {
        String node = description.get("device").toString();
        boolean removable = Boolean.TRUE.equals(description.get("removable"));
        return new DeviceEntry(node, ((Number) description.get("sequence")).longValue(), removable, description.get("obstacle").toString(),
                text(node, removable, description));
    }

    private static String text(String node, boolean removable, Map<?, ?> description) {
        String model = description.get("model").toString();
        StringBuilder text = new StringBuilder(node).append(": ").append(model.isEmpty() ? "" : Printable.of(model) + ", ")
                .append(ByteCount.text(((Number) description.get("size")).longValue()))
                .append(removable ? ", removable" : ", NOT removable");
        List<?> partitions = (List<?>) description.get("partitions");
        for (Object row : partitions) {
            List<?> partition = (List<?>) row;
            text.append(System.lineSeparator())
                    .append(Printable.of(partition(partition.get(0), partition.get(1), partition.get(2), partition.get(3))));
        }
        return partitions.isEmpty() ? text.append(System.lineSeparator()).append("  no known partitions or filesystems").toString()
                : text.toString();
    }

    /** Returns a line that describes a partition; control characters are not escaped. */
    static String partition(Object number, Object size, Object content, Object label) {
        return "  partition " + number + ": " + ByteCount.text(((Number) size).longValue())
                + (content.toString().isEmpty() ? "" : " " + content) + (label.toString().isEmpty() ? "" : " \"" + label + "\"");
    }

    /** Throws {@link CommandFailure} if the service would refuse the device, before the user is asked for confirmation. */
    public void requireUsable(boolean fixedToo) {
        if (!obstacle.isEmpty()) {
            throw new CommandFailure(ExitCode.BUSY, node + " " + Printable.of(obstacle));
        }
        if (!removable && !fixedToo) {
            throw new CommandFailure(ExitCode.USAGE, node + " is not removable, so it is probably not a card; to write to it as an"
                    + " administrator, use --not-removable");
        }
    }
}
