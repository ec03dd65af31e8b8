package org.example.piimages.daemon.image.system;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.daemon.image.table.Volume;

/**
 * The first field of an fstab line that names a block device, matched against the partitions of the image: a tag (UUID=, LABEL=, PARTUUID=,
 * PARTLABEL=), a udev link for one (including those of slots), or the name of a partition on a Raspberry Pi.
 *
 * <p>Only names of the first disk of their kind match: the image is one disk, and /dev/sdb1 on the Pi is on another.
 */
final class DeviceSpecification {

    private static final Pattern TAG = Pattern.compile("(UUID|LABEL|PARTUUID|PARTLABEL)=(.+)", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("/dev/disk/by-(uuid|label|partuuid|partlabel)/(.+)", Pattern.DOTALL);
    private static final Pattern SLOT = Pattern.compile("/dev/disk/by-slot/(.+)", Pattern.DOTALL);
    /** The kernel's syntax for a partition at an offset from another one. */
    private static final Pattern OFFSET = Pattern.compile("PARTUUID=([^/]+)/PARTNROFF=(-?[0-9]{1,3})");
    private static final Pattern NAME = Pattern.compile("/dev/(mmcblk[0-9](?=p)|nvme0n1(?=p)|[sv]da(?!p))p?([0-9]{1,4})");
    /** The name of an opened encrypted partition, set in crypttab or on the kernel command line. */
    private static final Pattern MAPPER = Pattern.compile("/dev/mapper/[^/]+");
    private static final Pattern CARD = Pattern.compile("mmcblk[0-9]");

    private final String specification;
    private final SlotLinks slots;

    DeviceSpecification(String specification, SlotLinks slots) {
        this.specification = specification;
        this.slots = slots;
    }

    /** Whether it names a block device, in this image or elsewhere. */
    boolean isDevice() {
        return specification.startsWith("/dev/") || TAG.matcher(specification).matches();
    }

    /** Whether it names a partition by UUID, label or number; false for a device that is created at boot. */
    boolean namesPartition() {
        return TAG.matcher(specification).matches() || LINK.matcher(specification).matches() || NAME.matcher(specification).matches();
    }

    /** The kernel's name of the disk, such as "mmcblk0", if a partition is named by its number; empty for a UUID or a label. */
    Optional<String> disk() {
        return Optional.of(NAME.matcher(specification)).filter(Matcher::matches).map(name -> name.group(1));
    }

    /** Whether the disk is a card, which images are made for unless stated otherwise. */
    boolean isOnCard() {
        return disk().filter(CARD.asMatchPredicate()).isPresent();
    }

    /** Returns the first matching volume. */
    Optional<Volume> find(List<Volume> volumes) {
        return findAll(volumes).stream().findFirst();
    }

    /** Returns all matching volumes: the slots of an A/B image may have equal UUIDs and labels. */
    List<Volume> findAll(List<Volume> volumes) {
        Matcher slot = SLOT.matcher(specification);
        if (slot.matches()) {
            return slots.find(slot.group(1), volumes);
        }
        Matcher offset = OFFSET.matcher(specification);
        if (offset.matches()) {
            Optional<Volume> base = new DeviceSpecification("PARTUUID=" + offset.group(1), slots).find(volumes);
            return base.map(from -> from.partition().number() + Integer.parseInt(offset.group(2))).stream()
                    .flatMap(number -> volumes.stream().filter(volume -> volume.partition().number() == number)).toList();
        }
        if (MAPPER.matcher(specification).matches()) {
            List<Volume> opened = volumes.stream().filter(Volume::unlocked).toList();
            return opened.size() == 1 ? opened : List.of();
        }
        return volumes.stream().filter(condition()).toList();
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
            int number = Integer.parseInt(name.group(2));
            return volume -> number > 0 && volume.partition().number() == number;
        }
        return volume -> false;
    }

    private static Predicate<Volume> tagCondition(String tag, String value) {
        return switch (tag) {
            // Hexadecimal digits may be upper or lower case.
            case "UUID" -> volume -> volume.filesystem().filter(found -> found.uuid().equalsIgnoreCase(value)).isPresent();
            case "LABEL" -> volume -> volume.filesystem().filter(found -> found.label().equals(value)).isPresent();
            case "PARTUUID" -> volume -> volume.partition().uuid().equalsIgnoreCase(value);
            default -> volume -> volume.partition().label().equals(value);
        };
    }

    /** Decodes a link name; udev writes special characters as a backslash, an x and two hexadecimal digits. */
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
