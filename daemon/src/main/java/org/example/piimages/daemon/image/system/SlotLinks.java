package org.example.piimages.daemon.image.system;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.example.piimages.daemon.image.table.Volume;

/**
 * The links below /dev/disk/by-slot that the udev rules of rpi-image-gen's images create: "active/boot" is the partition labelled boot_a if
 * slot a is booted, "other/boot" that of the other slot, "bootconfig" the one with that label. Images with one system have "boot" and
 * "system".
 *
 * @param active the slot that is booted; the empty string if there are no slots
 * @param map the partitions of the slots, where labels do not tell
 */
record SlotLinks(String active, SlotMap map) {

    /** No slots. */
    static final SlotLinks NONE = new SlotLinks("", SlotMap.EMPTY);

    private static final Pattern LABEL = Pattern.compile("boot_([a-z0-9]+)", Pattern.CASE_INSENSITIVE);
    private static final Pattern IN_SLOT = Pattern.compile("(active|other)/([A-Za-z0-9_-]+)");
    /** The filesystem labels that identify the partitions of an image with one system. */
    private static final Map<String, Set<String>> SINGLE_SYSTEM_LABELS = Map.of("boot", Set.of("boot", "bootfs"), "system",
            Set.of("root", "rootfs", "system"));

    /** Returns the slots of an image that boots from that partition. */
    static SlotLinks of(Optional<BootFiles> boot) {
        if (boot.isEmpty()) {
            return NONE;
        }
        SlotMap map = boot.get().slots();
        Matcher label = LABEL.matcher(boot.get().volume().partition().label());
        String labelled = label.matches() ? label.group(1).toLowerCase(Locale.ROOT) : "";
        return new SlotLinks(map.slotOf(boot.get().number()).orElse(labelled), map);
    }

    /** Returns the volumes to which a name below /dev/disk/by-slot leads. */
    List<Volume> find(String name, List<Volume> volumes) {
        Matcher inSlot = IN_SLOT.matcher(name);
        if (!inSlot.matches()) {
            List<Volume> labelled = volumes.stream().filter(volume -> volume.partition().label().equalsIgnoreCase(name)).toList();
            return labelled.isEmpty() ? singleSystem(name, volumes) : labelled;
        }
        if (active.isEmpty()) {
            return List.of();
        }
        boolean wantsActive = inSlot.group(1).equals("active");
        return volumes.stream().filter(volume -> isIn(volume, inSlot.group(2), wantsActive)).toList();
    }

    private boolean isIn(Volume volume, String role, boolean wantsActive) {
        for (Map.Entry<String, Integer> entry : map.partitions().entrySet()) {
            if (entry.getValue() == volume.partition().number() && entry.getKey().endsWith("." + role)) {
                return entry.getKey().equals(active + "." + role) == wantsActive;
            }
        }
        String label = volume.partition().label().toLowerCase(Locale.ROOT);
        return label.startsWith(role.toLowerCase(Locale.ROOT) + "_")
                && label.substring(role.length() + 1).equals(active) == wantsActive;
    }

    private static List<Volume> singleSystem(String name, List<Volume> volumes) {
        Set<String> labels = SINGLE_SYSTEM_LABELS.getOrDefault(name, Set.of(name.toLowerCase(Locale.ROOT)));
        return volumes.stream().filter(volume -> volume.filesystem()
                .filter(filesystem -> labels.contains(filesystem.label().toLowerCase(Locale.ROOT))).isPresent()).toList();
    }
}
