package org.example.piimages.daemon.image.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import java.util.UUID;

/** Converts identifiers in their on-disk encodings to text. */
public final class Guid {

    private Guid() {
    }

    /**
     * A GUID of the UEFI specification (appendix A): its first three fields are little-endian, the others in the order of the text.
     *
     * @param bytes little-endian
     */
    public static String text(ByteBuffer bytes, int offset) {
        long mostSignificant = Integer.toUnsignedLong(bytes.getInt(offset)) << 32
                | Short.toUnsignedLong(bytes.getShort(offset + 4)) << 16
                | Short.toUnsignedLong(bytes.getShort(offset + 6));
        return new UUID(mostSignificant, Long.reverseBytes(bytes.getLong(offset + 8))).toString();
    }

    /** A UUID of RFC 4122, all in the order of the text, as Linux filesystems keep it; empty when it is all zero, as blkid does. */
    public static String uuid(ByteBuffer bytes, int offset) {
        ByteBuffer inOrder = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
        long mostSignificant = inOrder.getLong(offset);
        long leastSignificant = inOrder.getLong(offset + 8);
        return mostSignificant == 0 && leastSignificant == 0 ? "" : new UUID(mostSignificant, leastSignificant).toString();
    }

    /** A 32-bit serial number as FAT and exFAT tools print it, {@code ABCD-1234}; empty when it is zero, as blkid does. */
    public static String serial(int number) {
        return number == 0 ? "" : String.format(Locale.ROOT, "%04X-%04X", number >>> 16, number & 0xFFFF);
    }
}
