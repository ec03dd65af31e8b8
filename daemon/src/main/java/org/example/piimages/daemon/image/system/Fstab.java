package org.example.piimages.daemon.image.system;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * An image's /etc/fstab; see fstab(5). Invalid lines are skipped, as by mount(8).
 *
 * @param entries the entries in the order of the file
 * @param complete whether the whole file was read; false if it exceeds {@link #BYTE_LIMIT} or {@link #ENTRY_LIMIT}
 */
public record Fstab(List<Entry> entries, boolean complete) {

    /** The most bytes that are read; typical files have one or two thousand. */
    public static final int BYTE_LIMIT = 256 * 1024;
    /** The most entries that are kept. */
    public static final int ENTRY_LIMIT = 256;

    /** The fstab of an image without the file. */
    public static final Fstab EMPTY = new Fstab(List.of(), true);

    /**
     * A line. All text is untrusted, see {@link Printable}.
     *
     * @param specification the device, {@code UUID=…} without quotes, or a name that depends on the type
     * @param file the mount point; neither normalised nor validated
     * @param type the type of filesystem, "auto" if the line has none
     * @param options the options, one by one; "defaults" if the line has none
     */
    public record Entry(String specification, String file, String type, List<String> options) {

        /** Keeps its own copy of the list. */
        public Entry {
            options = List.copyOf(options);
        }

        /** Whether the entry has exactly this option. */
        public boolean has(String option) {
            return options.contains(option);
        }

        /** Whether it is for the root filesystem. */
        boolean isRoot() {
            return file.equals("/");
        }

        /** Whether it is a bind mount of a directory of the image. */
        boolean isBind() {
            return has("bind") || has("rbind");
        }

        /** The mount option that names a btrfs subvolume; the empty string if there is none. */
        String subvolume() {
            return Fstab.subvolume(options);
        }
    }

    /** Keeps its own copy of the list. */
    public Fstab {
        entries = List.copyOf(entries);
    }

    /** Returns the last of the mount options that names a btrfs subvolume, without leading slashes; the empty string if none does. */
    static String subvolume(List<String> options) {
        String found = "";
        for (String option : options) {
            if (option.startsWith("subvol=")) {
                found = "subvol=" + withoutSlashes(option.substring("subvol=".length()));
            } else if (option.startsWith("subvolid=")) {
                found = option;
            }
        }
        // The top-level subvolume, whose ID is five.
        return found.equals("subvol=") ? "subvolid=5" : found;
    }

    /** Removes slashes at both ends. A regular expression would take quadratic time for the longest fstab. */
    private static String withoutSlashes(String path) {
        int start = 0;
        int end = path.length();
        while (start < end && path.charAt(start) == '/') {
            start++;
        }
        while (end > start && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(start, end);
    }

    /**
     * Parses the file; accepts any bytes. Invalid UTF-8 becomes U+FFFD.
     *
     * @param content the beginning of the file, not null; at most one byte more than {@link #BYTE_LIMIT} is needed
     */
    public static Fstab parse(byte[] content) {
        List<Entry> entries = new ArrayList<>();
        int limit = Math.min(content.length, BYTE_LIMIT);
        int start = 0;
        while (start < limit && entries.size() < ENTRY_LIMIT) {
            int end = start;
            while (end < limit && content[end] != '\n') {
                end++;
            }
            parseLine(Arrays.copyOfRange(content, start, end)).ifPresent(entries::add);
            start = end + 1;
        }
        return new Fstab(entries, content.length <= BYTE_LIMIT && start >= limit);
    }

    private static Optional<Entry> parseLine(byte[] line) {
        List<String> fields = fields(line);
        if (fields.size() < 2 || fields.get(0).startsWith("#")) {
            return Optional.empty();
        }
        String type = fields.size() > 2 ? fields.get(2) : "auto";
        String options = fields.size() > 3 ? fields.get(3) : "defaults";
        return Optional.of(new Entry(withoutQuotes(fields.get(0)), fields.get(1), type, List.of(options.split(","))));
    }

    /** Returns the first four fields; those for dump and fsck do not matter here. */
    private static List<String> fields(byte[] line) {
        List<String> fields = new ArrayList<>();
        int at = 0;
        while (at < line.length && fields.size() < 4) {
            int start = at;
            while (at < line.length && !isBlank(line[at])) {
                at++;
            }
            if (at > start) {
                fields.add(unescape(line, start, at));
            }
            at++;
        }
        return fields;
    }

    private static boolean isBlank(byte value) {
        return value == ' ' || value == '\t' || value == '\r';
    }

    /** Decodes a backslash with three octal digits, which stands for a byte, such as a space; see getmntent(3). */
    private static String unescape(byte[] line, int start, int end) {
        ByteArrayOutputStream field = new ByteArrayOutputStream(end - start);
        for (int at = start; at < end; at++) {
            if (line[at] == '\\' && at + 3 < end && isOctal(line[at + 1]) && isOctal(line[at + 2]) && isOctal(line[at + 3])) {
                field.write((line[at + 1] - '0') << 6 | (line[at + 2] - '0') << 3 | line[at + 3] - '0');
                at += 3;
            } else {
                field.write(line[at]);
            }
        }
        return field.toString(StandardCharsets.UTF_8);
    }

    private static boolean isOctal(byte value) {
        return value >= '0' && value <= '7';
    }

    /** Removes quotes around the value of a tag, UUID="…", which libblkid allows. */
    private static String withoutQuotes(String specification) {
        int value = specification.indexOf('=') + 1;
        int last = specification.length() - 1;
        boolean quoted = value > 0 && last > value && specification.charAt(value) == specification.charAt(last)
                && (specification.charAt(value) == '"' || specification.charAt(value) == '\'');
        return quoted ? specification.substring(0, value) + specification.substring(value + 1, last) : specification;
    }
}
