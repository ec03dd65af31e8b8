package org.example.piimages.cli.service;

import java.util.List;
import java.util.Map;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.output.ByteCount;

/**
 * A disk as the service describes it.
 *
 * @param node the kernel's name for it
 * @param sequence tells it from another medium in the same place
 * @param removable whether it is made to be taken out
 * @param obstacle why it cannot be written to, empty when it can
 * @param text what a person has to know before it is erased, in lines
 */
public record DeviceEntry(String node, long sequence, boolean removable, String obstacle, String text) {

    /** As DescribeDevice answers. */
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

    /** A line about one of several partitions, not escaped. */
    static String partition(Object number, Object size, Object content, Object label) {
        return "  partition " + number + ": " + ByteCount.text(((Number) size).longValue())
                + (content.toString().isEmpty() ? "" : " " + content) + (label.toString().isEmpty() ? "" : " \"" + label + "\"");
    }

    /** Throws {@link CommandFailure} when the service would refuse it, so that nobody is asked in vain. */
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
