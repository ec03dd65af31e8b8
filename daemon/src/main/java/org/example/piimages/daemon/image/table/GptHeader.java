package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Guid;

/**
 * A header of a GUID partition table together with its entries, both with the right checksum (UEFI specification 2.10, section 5.3.2).
 *
 * @param diskGuid lower-case
 * @param firstUsable sector
 * @param lastUsable sector, inclusive
 * @param entriesOffset where the entries begin in the file, in bytes
 * @param entrySize in bytes, 128 times a power of two
 * @param entries the entries' bytes, little-endian; a whole number of them
 */
record GptHeader(String diskGuid, long firstUsable, long lastUsable, long entriesOffset, int entrySize, ByteBuffer entries) {

    /** How large the entries may be in all: 2048 of them, where 128 are usual and Linux numbers 256. */
    static final int ENTRIES_LIMIT = 256 * 1024;

    /** "EFI PART" */
    private static final long SIGNATURE = 0x5452415020494645L;

    private static final int SIZE_OFFSET = 12;
    private static final int CHECKSUM_OFFSET = 16;
    private static final int MINIMUM_SIZE = 92;
    private static final int MINIMUM_ENTRY_SIZE = 128;
    private static final int MAXIMUM_ENTRY_SIZE = 4096;

    /**
     * Reads the header in the given sector.
     *
     * @param sector where to look, in sectors of 512 bytes; need not lie in the file
     * @return empty when there is no header or it cannot be right
     */
    static Optional<GptHeader> read(ByteSource source, long sector) {
        long sectors = source.size() / SECTOR_SIZE;
        if (sector < 1 || sector >= sectors) {
            return Optional.empty();
        }
        byte[] bytes = source.bytes(sector * SECTOR_SIZE, SECTOR_SIZE);
        ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (!isSigned(bytes) || !isIntact(bytes, header) || header.getLong(24) != sector) {
            return Optional.empty();
        }
        long firstUsable = header.getLong(40);
        long lastUsable = header.getLong(48);
        // A last sector beyond the file belongs to a truncated image; the partitions will tell. It must only not overflow as bytes.
        if (firstUsable < 2 || firstUsable > lastUsable || lastUsable >= Long.MAX_VALUE / SECTOR_SIZE) {
            return Optional.empty();
        }
        return entries(source, header).map(entries -> new GptHeader(Guid.text(header, 56), firstUsable, lastUsable,
                header.getLong(72) * SECTOR_SIZE, header.getInt(84), entries));
    }

    /** Whether the bytes begin as a header does; eight at least. */
    static boolean isSigned(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() == SIGNATURE;
    }

    private static boolean isIntact(byte[] bytes, ByteBuffer header) {
        int size = header.getInt(SIZE_OFFSET);
        if (size < MINIMUM_SIZE || size > SECTOR_SIZE) {
            return false;
        }
        byte[] summed = bytes.clone();
        // The checksum is made with its own field zero.
        ByteBuffer.wrap(summed).putInt(CHECKSUM_OFFSET, 0);
        return checksum(summed, size) == header.getInt(CHECKSUM_OFFSET);
    }

    private static Optional<ByteBuffer> entries(ByteSource source, ByteBuffer header) {
        long sector = header.getLong(72);
        int count = header.getInt(80);
        int size = header.getInt(84);
        if (size < MINIMUM_ENTRY_SIZE || size > MAXIMUM_ENTRY_SIZE || Integer.bitCount(size) != 1 || count < 1
                || count > ENTRIES_LIMIT / size) {
            return Optional.empty();
        }
        if (sector < 2 || sector > (source.size() - (long) count * size) / SECTOR_SIZE) {
            return Optional.empty();
        }
        byte[] bytes = source.bytes(sector * SECTOR_SIZE, count * size);
        return checksum(bytes, bytes.length) == header.getInt(88)
                ? Optional.of(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN)) : Optional.empty();
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes, 0, length);
        return (int) checksum.getValue();
    }
}
