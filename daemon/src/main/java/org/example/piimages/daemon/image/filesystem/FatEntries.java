package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The entries of a FAT directory with their long names (Microsoft FAT specification 1.03, sections 6 and 7). */
final class FatEntries {

    /** The size of an entry, in bytes. */
    static final int SIZE = 32;
    /** The attribute of a directory. */
    static final int DIRECTORY = 0x10;

    private static final int VOLUME = 0x08;
    private static final int LONG_NAME = 0x0F;
    private static final int DELETED = 0xE5;
    private static final int NAME_LENGTH = 11;
    private static final int LAST_PIECE = 0x40;
    /** The offsets of the thirteen characters in a piece of a long name. */
    private static final int[] UNITS = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};

    /** Accepts entries. */
    @FunctionalInterface
    interface Visitor {
        /**
         * Accepts an entry: its name (the short one in lower case if it has no long one), its attributes, first cluster, and size in bytes.
         */
        void visit(String name, int attributes, long cluster, long size);
    }

    private FatEntries() {
    }

    private static final int MAX_NAME_LENGTH = 255;

    /** Reads the entries of a directory up to its end marker; volume labels and deleted entries are skipped. */
    static void read(byte[] directory, Visitor visitor) {
        ByteBuffer bytes = ByteBuffer.wrap(directory).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder longName = new StringBuilder();
        int checksum = -1;
        for (int at = 0; at + SIZE <= directory.length && bytes.get(at) != 0; at += SIZE) {
            int attributes = bytes.get(at + NAME_LENGTH) & 0x3F;
            boolean deleted = (bytes.get(at) & 0xFF) == DELETED;
            if (!deleted && attributes == LONG_NAME) {
                if ((bytes.get(at) & LAST_PIECE) != 0) {
                    longName.setLength(0);
                }
                // Longer names are invalid.
                longName.insert(0, longName.length() < MAX_NAME_LENGTH ? piece(bytes, at) : "");
                checksum = bytes.get(at + 13) & 0xFF;
                continue;
            }
            if (!deleted && (attributes & VOLUME) == 0) {
                boolean hasLongName = !longName.isEmpty() && checksum == checksum(directory, at);
                String name = hasLongName ? longName.toString() : shortName(directory, at).toLowerCase(Locale.ROOT);
                long cluster = (long) Short.toUnsignedInt(bytes.getShort(at + 20)) << 16 | Short.toUnsignedInt(bytes.getShort(at + 26));
                visitor.visit(name, attributes, cluster, Integer.toUnsignedLong(bytes.getInt(at + 28)));
            }
            longName.setLength(0);
        }
    }

    private static String piece(ByteBuffer bytes, int at) {
        StringBuilder piece = new StringBuilder(UNITS.length);
        for (int unit : UNITS) {
            char character = bytes.getChar(at + unit);
            if (character == 0 || character == 0xFFFF) {
                break;
            }
            piece.append(character);
        }
        return piece.toString();
    }

    private static String shortName(byte[] directory, int at) {
        String base = new String(directory, at, 8, StandardCharsets.ISO_8859_1).stripTrailing();
        String extension = new String(directory, at + 8, 3, StandardCharsets.ISO_8859_1).stripTrailing();
        return extension.isEmpty() ? base : base + "." + extension;
    }

    /** The checksum of a short name, which ties a long name to its entry. */
    private static int checksum(byte[] directory, int at) {
        int sum = 0;
        for (int i = 0; i < NAME_LENGTH; i++) {
            sum = ((sum & 1) << 7) + (sum >> 1) + (directory[at + i] & 0xFF) & 0xFF;
        }
        return sum;
    }
}
