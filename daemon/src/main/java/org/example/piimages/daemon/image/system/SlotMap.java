package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file slot.map of rpi-image-gen's A/B images whose partitions have no labels; it has lines {@code a.boot=KIND:NAME:PARTITION}.
 *
 * @param partitions partition numbers by "slot.role", for example "a.boot"
 */
public record SlotMap(Map<String, Integer> partitions) {

    /** The most that is read of the file, in bytes; typical files have a hundred. */
    public static final int BYTE_LIMIT = 4 * 1024;
    /** The map of an image without the file. */
    public static final SlotMap EMPTY = new SlotMap(Map.of());

    private static final Pattern LINE = Pattern.compile("([A-Za-z0-9]+)\\.([A-Za-z0-9_-]+)=[^:]*:[^:]*:([0-9]{1,3})");

    /** Copies the map. */
    public SlotMap {
        partitions = Map.copyOf(partitions);
    }

    /** Parses the file; accepts any bytes. Lines in another form are ignored. */
    public static SlotMap parse(byte[] content) {
        Map<String, Integer> partitions = new HashMap<>();
        new String(content, StandardCharsets.UTF_8).lines().map(String::strip).map(LINE::matcher).filter(Matcher::matches)
                .forEach(line -> partitions.putIfAbsent(line.group(1) + "." + line.group(2), Integer.valueOf(line.group(3))));
        return new SlotMap(partitions);
    }

    /** Returns the slot whose boot partition has that number. */
    Optional<String> slotOf(int bootPartition) {
        return partitions.entrySet().stream().filter(entry -> entry.getKey().endsWith(".boot") && entry.getValue() == bootPartition)
                .map(entry -> entry.getKey().substring(0, entry.getKey().indexOf('.'))).sorted().findFirst();
    }
}
