package org.example.piimages.daemon.image.system;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * An image's /etc/fstab (fstab(5)). Lines that cannot be understood are passed over, as mount(8) does.
 *
 * @param entries in the order of the file
 * @param complete whether all of the file was read; false when it is beyond {@link #BYTE_LIMIT} or {@link #ENTRY_LIMIT}
 */
public record Fstab(List<Entry> entries, boolean complete) {

    /** How many bytes are looked at; a real one has one or two thousand. */
    public static final int BYTE_LIMIT = 256 * 1024;
    /** How many entries are kept. */
    public static final int ENTRY_LIMIT = 256;

    /** What an image without the file has. */
    public static final Fstab EMPTY = new Fstab(List.of(), true);

    /**
     * One line. All text is the image's own, see {@link Printable}.
     *
     * @param specification what to mount: a device, {@code UUID=…} without its quotes, or a name that only the type understands
     * @param file where to mount it; not normalised, not trusted
     * @param type of filesystem, "auto" when the line ends before it
     * @param options one by one, "defaults" when the line ends before them
     */
    public record Entry(String specification, String file, String type, List<String> options) {

        /** Keeps its own copy of the list. */
        public Entry {
            options = List.copyOf(options);
        }

        /** Whether the option is there, exactly as written. */
        public boolean has(String option) {
            return options.contains(option);
        }

        /** Whether it is about the root filesystem. */
        boolean isRoot() {
            return file.equals("/");
        }

        /** Whether it shows a folder of the image once more, in another place. */
        boolean isBind() {
            return has("bind") || has("rbind");
        }

        /** The mount option that names a subvolume of a btrfs; empty when there is none. */
        String subvolume() {
            return Fstab.subvolume(options);
        }
    }

    /** Keeps its own copy of the list. */
    public Fstab {
        entries = List.copyOf(entries);
    }

    /** The last of the mount options that names a subvolume of a btrfs, without a leading slash; empty when none does. */
    static String subvolume(List<String> options) {
        String found = "";
        for (String option : options) {
            if (option.startsWith("subvol=")) {
                found = "subvol=" + option.substring("subvol=".length()).replaceAll("^/+|/+$", "");
            } else if (option.startsWith("subvolid=")) {
                found = option;
            }
        }
        // The top level itself, which has the number five.
        return found.equals("subvol=") ? "subvolid=5" : found;
    }

    /**
     * Reads the file's bytes, whatever they are; what is not UTF-8 becomes U+FFFD.
     *
     * @param content as much of the file as was read, not null; it need not be more than {@link #BYTE_LIMIT} and one
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

    /** The first four fields; dump and fsck order do not matter here. */
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

    /** A backslash and three octal digits stand for a byte, as getmntent(3) writes spaces. */
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

    /** The value of a tag may be quoted, UUID="…", as libblkid allows. */
    private static String withoutQuotes(String specification) {
        int value = specification.indexOf('=') + 1;
        int last = specification.length() - 1;
        boolean quoted = value > 0 && last > value && specification.charAt(value) == specification.charAt(last)
                && (specification.charAt(value) == '"' || specification.charAt(value) == '\'');
        return quoted ? specification.substring(0, value) + specification.substring(value + 1, last) : specification;
    }
}
