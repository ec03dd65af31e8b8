package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What autoboot.txt tells the firmware, of which only the partition to boot from matters here (config.txt documentation, "autoboot.txt").
 *
 * @param bootPartition the number of the partition that is booted in the ordinary case; empty where the file does not say
 */
public record Autoboot(OptionalInt bootPartition) {

    /** The firmware reads no more of it, in bytes. */
    public static final int BYTE_LIMIT = 512;

    private static final int DIGITS_LIMIT = 3;

    /**
     * Reads it, whatever its bytes are. Lines count before any section and in [all]; what is for a trial ([tryboot]) or for certain boards
     * is passed over. The last one counts; 0 is the firmware's word for "not said".
     */
    public static Autoboot parse(byte[] content) {
        boolean counts = true;
        int partition = 0;
        for (String raw : new String(content, StandardCharsets.UTF_8).split("\\R")) {
            String line = raw.strip();
            if (line.startsWith("[") && line.endsWith("]")) {
                counts = line.toLowerCase(Locale.ROOT).equals("[all]");
            } else if (counts && line.startsWith("boot_partition=")) {
                partition = number(line.substring(line.indexOf('=') + 1).strip());
            }
        }
        return new Autoboot(partition == 0 ? OptionalInt.empty() : OptionalInt.of(partition));
    }

    private static int number(String digits) {
        boolean plain =
                !digits.isEmpty() && digits.length() <= DIGITS_LIMIT && digits.chars().allMatch(digit -> digit >= '0' && digit <= '9');
        return plain ? Integer.parseInt(digits) : 0;
    }
}
