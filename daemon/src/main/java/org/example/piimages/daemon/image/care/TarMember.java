package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * The header of a member of a tar archive; tar(5) of libarchive, "Pre-POSIX", "ustar" and "GNU". Only what finds an image in an archive is
 * read: names are compared and never used.
 *
 * @param name as far as the plain header holds it, its first hundred bytes
 * @param size of the content in bytes
 * @param regular whether it is a plain file
 */
record TarMember(String name, long size, boolean regular) {

    static final int BLOCK = 512;

    private static final int MAGIC_OFFSET = 257;
    private static final int SIZE_OFFSET = 124;
    private static final int TYPE_OFFSET = 156;
    private static final int PREFIX_OFFSET = 345;
    private static final int PREFIX_END = 500;

    /** Whether a tar archive begins like this; a block of it is needed. */
    static boolean isArchive(byte[] beginning) {
        return beginning.length >= BLOCK && new String(beginning, MAGIC_OFFSET, 5, StandardCharsets.US_ASCII).equals("ustar");
    }

    /**
     * Reads the next header.
     *
     * @return empty at the archive's end
     * @throws Failure INVALID_IMAGE when there is no header where one should be, or its name leads out of the archive
     */
    static Optional<TarMember> read(InputStream stream) throws IOException {
        byte[] block = stream.readNBytes(BLOCK);
        if (block.length < BLOCK || block[0] == 0) {
            return Optional.empty();
        }
        if (!isArchive(block)) {
            throw broken();
        }
        String name = new String(block, 0, 100, StandardCharsets.UTF_8);
        int end = name.indexOf('\0');
        String used = end < 0 ? name : name.substring(0, end);
        requireInside(prefix(block) + used);
        return Optional.of(new TarMember(used, size(block),
                block[TYPE_OFFSET] == '0' || block[TYPE_OFFSET] == 0));
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

    boolean isImage() {
        return regular && name.endsWith(".img");
    }

    /**
     * Refuses a name that leads out of the folder where an archive is unpacked. Nothing here uses it; an archive that carries one was made
     * to harm somebody.
     *
     * @throws Failure INVALID_IMAGE
     */
    static void requireInside(String name) {
        if (name.startsWith("/") || List.of(name.split("/")).contains("..")) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "it holds a file by the name of " + Printable.quoted(name) + ", which leads out"
                    + " of the folder where it is unpacked: do not trust it; nothing was kept");
        }
    }

    /** What fills the last block of its content. */
    long padding() {
        return (BLOCK - size % BLOCK) % BLOCK;
    }
}
