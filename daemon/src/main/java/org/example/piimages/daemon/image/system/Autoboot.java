package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * The settings in autoboot.txt, of which only the boot partition matters here (config.txt documentation, "autoboot.txt").
 *
 * @param bootPartition the number of the partition that is normally booted; empty if the file does not set it
 */
public record Autoboot(OptionalInt bootPartition) {

    /** The most that the firmware reads of the file, in bytes. */
    public static final int BYTE_LIMIT = 512;

    private static final int DIGITS_LIMIT = 3;

    /**
     * Parses the file; accepts any bytes. Only lines before the first section and in [all] count, not those of trial boots ([tryboot]) or
     * of certain boards. The last setting counts; the firmware takes 0 as unset.
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
