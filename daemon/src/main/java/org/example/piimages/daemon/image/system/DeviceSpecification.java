package org.example.piimages.daemon.image.system;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.daemon.image.disk.Volume;

/**
 * The first field of an fstab line where it names a block device, matched against the partitions of the image: a tag (UUID=, LABEL=,
 * PARTUUID=, PARTLABEL=), a link that udev makes for one, or the name that a partition has on a Raspberry Pi.
 *
 * <p>Names count only for the first disk of their kind. The image is one disk, and /dev/sdb1 on the Pi is another one.
 */
final class DeviceSpecification {

    private static final Pattern TAG = Pattern.compile("(UUID|LABEL|PARTUUID|PARTLABEL)=(.+)", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("/dev/disk/by-(uuid|label|partuuid|partlabel)/(.+)", Pattern.DOTALL);
    private static final Pattern NAME = Pattern.compile("/dev/(?:mmcblk[0-9]p|nvme0n1p|[sv]da)([0-9]{1,4})");

    private final String specification;

    DeviceSpecification(String specification) {
        this.specification = specification;
    }

    /** Whether it names a block device at all, in this image or elsewhere. */
    boolean isDevice() {
        return specification.startsWith("/dev/") || TAG.matcher(specification).matches();
    }

    /** The first volume that it names. A hostile image may have several; which one does not matter. */
    Optional<Volume> find(List<Volume> volumes) {
        return volumes.stream().filter(condition()).findFirst();
    }

    private Predicate<Volume> condition() {
        Matcher tag = TAG.matcher(specification);
        if (tag.matches()) {
            return tagCondition(tag.group(1), tag.group(2));
        }
        Matcher link = LINK.matcher(specification);
        if (link.matches()) {
            return tagCondition(link.group(1).toUpperCase(Locale.ROOT), unescape(link.group(2)));
        }
        Matcher name = NAME.matcher(specification);
        if (name.matches()) {
            int number = Integer.parseInt(name.group(1));
            return volume -> number > 0 && volume.partition().number() == number;
        }
        return volume -> false;
    }

    private static Predicate<Volume> tagCondition(String tag, String value) {
        return switch (tag) {
            // Hexadecimal digits are written in either case.
            case "UUID" -> volume -> volume.filesystem().filter(found -> found.uuid().equalsIgnoreCase(value)).isPresent();
            case "LABEL" -> volume -> volume.filesystem().filter(found -> found.label().equals(value)).isPresent();
            case "PARTUUID" -> volume -> volume.partition().uuid().equalsIgnoreCase(value);
            default -> volume -> volume.partition().label().equals(value);
        };
    }

    /** udev writes bytes that are awkward in a file name as a backslash, an x and two hexadecimal digits. */
    private static String unescape(String link) {
        byte[] bytes = link.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream plain = new ByteArrayOutputStream(bytes.length);
        for (int at = 0; at < bytes.length; at++) {
            int high = at + 3 < bytes.length ? Character.digit(bytes[at + 2], 16) : -1;
            int low = high >= 0 ? Character.digit(bytes[at + 3], 16) : -1;
            if (bytes[at] == '\\' && low >= 0 && bytes[at + 1] == 'x') {
                plain.write(high << 4 | low);
                at += 3;
            } else {
                plain.write(bytes[at]);
            }
        }
        return plain.toString(StandardCharsets.UTF_8);
    }
}
