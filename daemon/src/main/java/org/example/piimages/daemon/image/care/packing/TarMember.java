package org.example.piimages.daemon.image.care.packing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.example.piimages.contract.Failure;

/**
 * A member of a tar archive, parsed from its header and the extension headers before it; see "Pre-POSIX", "ustar", "pax" and "GNU" in
 * tar(5) of libarchive. Only the fields that are required to find an image are parsed. Names are only compared.
 *
 * @param name the path in the archive
 * @param size the size of the content, in bytes
 * @param kind the kind of member
 */
record TarMember(String name, long size, Kind kind) {

    /** The kinds of members that are distinguished. */
    enum Kind {
        FILE,
        /** A sparse file, whose content is a map of its holes and the data between them. */
        SPARSE_FILE,
        /** A directory, a link and so on. */
        OTHER
    }

    static final int BLOCK = 512;

    private static final String SPARSE = "GNU.sparse.";
    private static final String SPARSE_NAME = SPARSE + "name";
    /** The types of extension headers: pax header, long name; and two that are ignored: long link target, global pax header. */
    private static final String EXTENSION_TYPES = "xLKg";
    private static final int MAGIC_OFFSET = 257;
    private static final int SIZE_OFFSET = 124;
    private static final int TYPE_OFFSET = 156;
    private static final int PREFIX_OFFSET = 345;
    private static final int PREFIX_END = 500;
    private static final int NAME_LENGTH = 100;
    /** The maximum size and number of extension headers of a member, because several archives can be read at once. */
    private static final int EXTENSION_LIMIT = 256 << 10;
    private static final int EXTENSIONS = 16;
    /** PATH_MAX: longer names are invalid. */
    private static final int MAX_NAME_LENGTH = 4096;
    /** A record of a pax header: "length key=value" and a line feed. */
    private static final Pattern RECORD = Pattern.compile("(?m)^\\d+ ([^=\n]+)=(.*)$");

    /** Whether this is the beginning of a tar archive; false if it is shorter than a block. */
    static boolean isArchive(byte[] beginning) {
        return beginning.length >= BLOCK && new String(beginning, MAGIC_OFFSET, 5, StandardCharsets.US_ASCII).equals("ustar");
    }

    /**
     * Reads the next header, and the extension headers before it.
     *
     * @return the member; empty at the end of the archive
     * @throws Failure INVALID_IMAGE if the header is invalid, or its name leads out of the archive
     */
    static Optional<TarMember> read(InputStream stream) throws IOException {
        Map<String, String> attributes = new HashMap<>();
        long remaining = EXTENSION_LIMIT;
        for (int extensions = 0; extensions <= EXTENSIONS; extensions++) {
            byte[] block = stream.readNBytes(BLOCK);
            if (block.length < BLOCK || block[0] == 0) {
                return Optional.empty();
            }
            if (!isArchive(block)) {
                throw broken();
            }
            byte type = block[TYPE_OFFSET];
            if (EXTENSION_TYPES.indexOf(type) < 0) {
                return Optional.of(member(block, attributes));
            }
            remaining -= size(block);
            if (remaining < 0) {
                throw broken();
            }
            String content = extension(stream, size(block));
            if (type == 'x') {
                RECORD.matcher(content).results().forEach(record -> store(attributes, record.group(1), record.group(2)));
            } else if (type == 'L') {
                attributes.put("path", cString(content));
            }
        }
        throw broken();
    }

    /** Stores the value of a pax record, if it is one of the few that are used. */
    private static void store(Map<String, String> attributes, String key, String value) {
        if (key.equals("path") || key.equals("size") || key.equals(SPARSE_NAME)) {
            attributes.put(key, value);
        } else if (key.startsWith(SPARSE)) {
            attributes.put(SPARSE, "");
        }
    }

    private static TarMember member(byte[] block, Map<String, String> attributes) {
        String headerName = prefix(block) + cString(new String(block, 0, NAME_LENGTH, StandardCharsets.UTF_8));
        String name = attributes.getOrDefault(SPARSE_NAME, attributes.getOrDefault("path", headerName));
        if (name.length() > MAX_NAME_LENGTH) {
            throw broken();
        }
        ArchiveName.requireInside(name);
        boolean sparse = block[TYPE_OFFSET] == 'S' || attributes.keySet().stream().anyMatch(key -> key.startsWith(SPARSE));
        boolean regular = block[TYPE_OFFSET] == '0' || block[TYPE_OFFSET] == 0 || block[TYPE_OFFSET] == '7';
        String size = attributes.getOrDefault("size", "");
        if (!size.isEmpty() && !size.matches("\\d{1,18}")) {
            throw broken();
        }
        return new TarMember(name, size.isEmpty() ? size(block) : Long.parseLong(size),
                sparse ? Kind.SPARSE_FILE : regular ? Kind.FILE : Kind.OTHER);
    }

    private static String extension(InputStream stream, long size) throws IOException {
        byte[] content = stream.readNBytes((int) size);
        stream.skipNBytes(padding(size));
        return new String(content, StandardCharsets.UTF_8);
    }

    private static String cString(String text) {
        int end = text.indexOf('\0');
        return end < 0 ? text : text.substring(0, end);
    }

    /** The prefix field, with a slash appended, in which POSIX stores the beginning of a long name; GNU uses the field differently. */
    private static String prefix(byte[] block) {
        int end = PREFIX_OFFSET;
        while (end < PREFIX_END && block[end] != 0) {
            end++;
        }
        boolean posix = block[MAGIC_OFFSET + 5] == 0;
        return !posix || end == PREFIX_OFFSET ? ""
                : new String(block, PREFIX_OFFSET, end - PREFIX_OFFSET, StandardCharsets.UTF_8) + "/";
    }

    /** Parses the size: octal digits; or, if the highest bit is set, a big-endian number for larger sizes. */
    private static long size(byte[] block) {
        long size = 0;
        boolean binary = (block[SIZE_OFFSET] & 0x80) != 0;
        for (int at = SIZE_OFFSET + (binary ? 4 : 0); at < SIZE_OFFSET + 12; at++) {
            int digit = binary ? block[at] & 0xFF : Character.digit(block[at], 8);
            if (digit < 0) {
                break;
            }
            size = binary ? size << 8 | digit : size * 8 + digit;
        }
        if (size < 0) {
            throw broken();
        }
        return size;
    }

    private static Failure broken() {
        return new Failure(Failure.Kind.INVALID_IMAGE, "the tar archive in it is damaged; download it again");
    }

    /** Whether this is an image or a compressed image. */
    boolean isImage() {
        return kind != Kind.OTHER && ArchiveName.isImage(name);
    }

    /** The number of bytes that pad the content to a whole block. */
    long padding() {
        return padding(size);
    }

    private static long padding(long size) {
        return (BLOCK - size % BLOCK) % BLOCK;
    }
}
