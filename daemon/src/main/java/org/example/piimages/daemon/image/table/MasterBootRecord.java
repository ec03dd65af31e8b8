package org.example.piimages.daemon.image.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.BootSector;
import org.example.piimages.daemon.image.disk.Partition;

/**
 * The first sector of a disk, or of a link in the chain of an extended partition (EBR), parsed but not yet validated.
 *
 * <p>Layout: the disk id at byte 440, four entries of 16 bytes from byte 446, the signature 55 AA at byte 510.
 *
 * @param diskId the 32-bit disk signature
 * @param entries always four, in the order of the sector
 */
record MasterBootRecord(int diskId, List<Entry> entries) {

    /** The offset of the entries in the sector, in bytes. */
    static final int ENTRIES_OFFSET = 446;
    /** The size of an entry, in bytes. */
    static final int ENTRY_SIZE = 16;

    private static final int DISK_ID_OFFSET = 440;
    private static final int ENTRY_COUNT = 4;

    private static final int TYPE_GPT_PROTECTIVE = 0xEE;

    /**
     * One of the four entries.
     *
     * @param index 0 to 3
     * @param flag 0x80 if active, 0 if not; any other value means that the sector is not a table
     * @param type the partition type; 0 if unused
     * @param start the first sector; what it is relative to depends on where the record is
     * @param length the length in sectors
     */
    record Entry(int index, int flag, int type, long start, long length) {

        /** Whether it describes a partition; the kernel ignores entries without sectors. */
        boolean isUsed() {
            return type != 0 && length != 0;
        }

        /** Whether the entry has the same start and length as a partition of a GPT. */
        boolean describes(Partition partition) {
            return partition.start() == start * PartitionTable.SECTOR_SIZE && partition.length() == length * PartitionTable.SECTOR_SIZE;
        }

        boolean isActive() {
            return flag == 0x80;
        }

        /** Whether it contains logical partitions: CHS, LBA, and Linux's own type. */
        boolean isExtended() {
            return type == 0x05 || type == 0x0F || type == 0x85;
        }
    }

    /**
     * Parses the first sector of a disk.
     *
     * @param sector 512 bytes
     * @return empty if it is not a partition table or has no partition; the boot sectors of FAT, exFAT and NTFS end in 55 AA as well
     */
    static Optional<MasterBootRecord> parse(byte[] sector) {
        return parseLink(sector)
                .filter(record -> record.entries.stream().allMatch(entry -> entry.flag == 0 || entry.flag == 0x80))
                .filter(record -> record.entries.stream().anyMatch(Entry::isUsed))
                .filter(record -> !BootSector.isFilesystem(sector));
    }

    /** Parses a link in the chain of an extended partition; empty if it has no signature. */
    static Optional<MasterBootRecord> parseLink(byte[] sector) {
        if (!BootSector.isSigned(sector)) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN);
        List<Entry> entries = new ArrayList<>(ENTRY_COUNT);
        for (int index = 0; index < ENTRY_COUNT; index++) {
            int at = ENTRIES_OFFSET + index * ENTRY_SIZE;
            entries.add(new Entry(index, bytes.get(at) & 0xFF, bytes.get(at + 4) & 0xFF, Integer.toUnsignedLong(bytes.getInt(at + 8)),
                    Integer.toUnsignedLong(bytes.getInt(at + 12))));
        }
        return Optional.of(new MasterBootRecord(bytes.getInt(DISK_ID_OFFSET), List.copyOf(entries)));
    }

    /** Whether the record protects a GPT from tools that know only MBRs. */
    boolean isProtective() {
        return entries.stream().anyMatch(entry -> entry.type == TYPE_GPT_PROTECTIVE);
    }

    /** Whether a partition begins in the sector of the table itself, as in ISO images that are also disk images. */
    boolean describesWholeDisk() {
        return entries.stream().anyMatch(entry -> entry.isUsed() && entry.start == 0);
    }

    /** The used entries besides the protective one; none in the protective MBR of a GPT that is not a hybrid. */
    List<Entry> described() {
        return entries.stream().filter(entry -> entry.isUsed() && entry.type != TYPE_GPT_PROTECTIVE).toList();
    }
}
