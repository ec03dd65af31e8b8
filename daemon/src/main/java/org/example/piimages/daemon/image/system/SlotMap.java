package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file slot.map of rpi-image-gen's A/B images whose partitions have no labels: {@code a.boot=KIND:NAME:PARTITION}, a line each.
 *
 * @param partitions partition numbers by "slot.role", for example "a.boot"
 */
public record SlotMap(Map<String, Integer> partitions) {

    /** How much of it is read, in bytes; a real one has a hundred. */
    public static final int BYTE_LIMIT = 4 * 1024;
    /** What an image without the file has. */
    public static final SlotMap EMPTY = new SlotMap(Map.of());

    private static final Pattern LINE = Pattern.compile("([A-Za-z0-9]+)\\.([A-Za-z0-9_-]+)=[^:]*:[^:]*:([0-9]{1,3})");

    /** Keeps its own copy of the map. */
    public SlotMap {
        partitions = Map.copyOf(partitions);
    }

    /** Reads it, whatever its bytes are; lines of another form are passed over. */
    public static SlotMap parse(byte[] content) {
        Map<String, Integer> partitions = new HashMap<>();
        new String(content, StandardCharsets.UTF_8).lines().map(String::strip).map(LINE::matcher).filter(Matcher::matches)
                .forEach(line -> partitions.putIfAbsent(line.group(1) + "." + line.group(2), Integer.valueOf(line.group(3))));
        return new SlotMap(partitions);
    }

    /** The slot whose boot partition has that number. */
    Optional<String> slotOf(int bootPartition) {
        return partitions.entrySet().stream().filter(entry -> entry.getKey().endsWith(".boot") && entry.getValue() == bootPartition)
                .map(entry -> entry.getKey().substring(0, entry.getKey().indexOf('.'))).sorted().findFirst();
    }
}
