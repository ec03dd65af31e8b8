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
 * A member of a tar archive, its header and those before it that say more of it; tar(5) of libarchive, "Pre-POSIX", "ustar", "pax" and
 * "GNU". Only what finds an image in an archive is read: names are compared and never used.
 *
 * @param name its path in the archive
 * @param size of the content in bytes
 * @param kind what it is
 */
record TarMember(String name, long size, Kind kind) {

    /** What members are to whoever looks for an image. */
    enum Kind {
        FILE,
        /** A file with holes, whose content is a map of them and what lies between. */
        SPARSE_FILE,
        /** A folder, a link and the like. */
        OTHER
    }

    static final int BLOCK = 512;

    private static final String SPARSE = "GNU.sparse.";
    private static final String SPARSE_NAME = SPARSE + "name";
    /** A pax header; a long name; a long name that a link leads to, and a pax header for all members, neither of which is used here. */
    private static final String EXTENSION_TYPES = "xLKg";
    private static final int MAGIC_OFFSET = 257;
    private static final int SIZE_OFFSET = 124;
    private static final int TYPE_OFFSET = 156;
    private static final int PREFIX_OFFSET = 345;
    private static final int PREFIX_END = 500;
    private static final int NAME_LENGTH = 100;
    /** The most that is read of what comes before one header, and in how many pieces: many people's archives are read at once. */
    private static final int EXTENSION_LIMIT = 256 << 10;
    private static final int EXTENSIONS = 16;
    /** PATH_MAX: no archive has a longer name that means something. */
    private static final int LONGEST_NAME = 4096;
    /** "length key=value" and a line break. */
    private static final Pattern RECORD = Pattern.compile("(?m)^\\d+ ([^=\n]+)=(.*)$");

    /** Whether a tar archive begins like this; a block of it is needed. */
    static boolean isArchive(byte[] beginning) {
        return beginning.length >= BLOCK && new String(beginning, MAGIC_OFFSET, 5, StandardCharsets.US_ASCII).equals("ustar");
    }

    /**
     * Reads the next header, and what belongs to it.
     *
     * @return empty at the archive's end
     * @throws Failure INVALID_IMAGE when there is no header where one should be, or its name leads out of the archive
     */
    static Optional<TarMember> read(InputStream stream) throws IOException {
        Map<String, String> more = new HashMap<>();
        long room = EXTENSION_LIMIT;
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
                return Optional.of(member(block, more));
            }
            room -= size(block);
            if (room < 0) {
                throw broken();
            }
            String said = extension(stream, size(block));
            if (type == 'x') {
                RECORD.matcher(said).results().forEach(record -> note(more, record.group(1), record.group(2)));
            } else if (type == 'L') {
                more.put("path", cString(said));
            }
        }
        throw broken();
    }

    /** A pax header may say any number of things, few of which are of use here. */
    private static void note(Map<String, String> more, String key, String value) {
        if (key.equals("path") || key.equals("size") || key.equals(SPARSE_NAME)) {
            more.put(key, value);
        } else if (key.startsWith(SPARSE)) {
            more.put(SPARSE, "");
        }
    }

    private static TarMember member(byte[] block, Map<String, String> more) {
        String own = prefix(block) + cString(new String(block, 0, NAME_LENGTH, StandardCharsets.UTF_8));
        String name = more.getOrDefault(SPARSE_NAME, more.getOrDefault("path", own));
        if (name.length() > LONGEST_NAME) {
            throw broken();
        }
        ArchiveName.requireInside(name);
        boolean sparse = block[TYPE_OFFSET] == 'S' || more.keySet().stream().anyMatch(key -> key.startsWith(SPARSE));
        boolean regular = block[TYPE_OFFSET] == '0' || block[TYPE_OFFSET] == 0 || block[TYPE_OFFSET] == '7';
        String size = more.getOrDefault("size", "");
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

    /** What POSIX puts before a name that is too long for its field, with a slash behind it; GNU has something else there. */
    private static String prefix(byte[] block) {
        int end = PREFIX_OFFSET;
        while (end < PREFIX_END && block[end] != 0) {
            end++;
        }
        boolean posix = block[MAGIC_OFFSET + 5] == 0;
        return !posix || end == PREFIX_OFFSET ? ""
                : new String(block, PREFIX_OFFSET, end - PREFIX_OFFSET, StandardCharsets.UTF_8) + "/";
    }

    /** Octal digits; or, with the highest bit set, a big-endian number for what they cannot hold. */
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

    /** Whether it is an image, or one that is packed by itself. */
    boolean isImage() {
        return kind != Kind.OTHER && ArchiveName.isImage(name);
    }

    /** What fills the last block of its content. */
    long padding() {
        return padding(size);
    }

    private static long padding(long size) {
        return (BLOCK - size % BLOCK) % BLOCK;
    }
}
