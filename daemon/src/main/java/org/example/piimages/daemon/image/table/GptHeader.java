package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.zip.CRC32;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Guid;

/**
 * A header of a GUID partition table and its entries, both with valid checksums (UEFI specification 2.10, section 5.3.2).
 *
 * @param diskGuid the disk GUID in lower case
 * @param firstUsable the first sector that partitions may use
 * @param lastUsable the last sector that partitions may use
 * @param entriesOffset the offset of the entries in the file, in bytes
 * @param entrySize the size of an entry in bytes, 128 times a power of two
 * @param entries the entries' bytes, little-endian; a whole number of them
 */
record GptHeader(String diskGuid, long firstUsable, long lastUsable, long entriesOffset, int entrySize, ByteBuffer entries) {

    /** The maximum size of all entries, in bytes: 2048 of 128 bytes each; 128 are usual and Linux numbers 256. */
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
     * @param sector the sector number, in units of 512 bytes; may be beyond the end of the file
     * @return the header; empty if there is none or it is invalid
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
        // A last sector beyond the end of the file is detected later, with the partitions. Only its offset in bytes must not overflow.
        if (firstUsable < 2 || firstUsable > lastUsable || lastUsable >= Long.MAX_VALUE / SECTOR_SIZE) {
            return Optional.empty();
        }
        return entries(source, header).map(entries -> new GptHeader(Guid.text(header, 56), firstUsable, lastUsable,
                header.getLong(72) * SECTOR_SIZE, header.getInt(84), entries));
    }

    /** Whether the bytes, at least eight, begin with the signature of a header. */
    static boolean isSigned(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() == SIGNATURE;
    }

    private static boolean isIntact(byte[] bytes, ByteBuffer header) {
        int size = header.getInt(SIZE_OFFSET);
        if (size < MINIMUM_SIZE || size > SECTOR_SIZE) {
            return false;
        }
        byte[] summed = bytes.clone();
        // The checksum is computed with its own field set to zero.
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
