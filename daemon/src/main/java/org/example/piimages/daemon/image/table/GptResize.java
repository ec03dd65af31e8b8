package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;

/**
 * The writes that give a GPT partition another length in a file of another size (UEFI specification 2.10, section 5.3): the copy at the new
 * end first, then the beginning of the file, protective MBR, header and entries in one piece. Until that is written the old header is good,
 * and afterwards the new one is; the copy at the end covers the moment between.
 */
final class GptResize {

    /** The size of the backup at the end of the file with 128 entries and a header, in bytes. */
    private static final long TAIL = 33 * SECTOR_SIZE;

    private static final int TYPE_PROTECTIVE = 0xEE;
    private static final int HEADER = SECTOR_SIZE;

    private final ByteSource source;
    /** The number of sectors before a first partition that is aligned to 1 MiB. */
    private static final int MAX_SECTORS = 2048;
    private final Partition partition;
    /** An MBR that describes partitions; it stays as it is, for firmware that reads nothing else. */
    private final Optional<MasterBootRecord> hybrid;
    private final ByteBuffer start;
    private final int entriesLength;
    private final int entriesOffset;

    GptResize(ByteSource source, PartitionTable table, Partition partition) {
        if (table.fromBackup()) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the primary partition table (GPT) of the image is damaged, only its"
                    + " backup at the end is valid; repair it first, with sgdisk or gdisk");
        }
        this.hybrid = MasterBootRecord.parseLink(source.bytes(0, SECTOR_SIZE)).filter(record -> !record.described().isEmpty());
        if (hybrid.filter(record -> record.described().stream().anyMatch(entry -> entry.describes(partition))).isPresent()) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the partition table is a hybrid, and " + partition.title() + " is also in its MBR,"
                    + " which is never changed; convert it to a plain GPT first, with gdisk");
        }
        this.source = source;
        this.partition = partition;
        ByteBuffer header = ByteBuffer.wrap(source.bytes(HEADER, SECTOR_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        // Partitioning tools write the entries between the header and the first partition; all that is read here precedes the partitions.
        long entries = header.getLong(72);
        if (entries < 2 || entries > MAX_SECTORS) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the partition table (GPT) is unusual: its entries do not follow its header");
        }
        this.entriesOffset = Math.toIntExact(entries * SECTOR_SIZE);
        // GptHeader has verified that the product is at most 256 KiB.
        this.entriesLength = header.getInt(80) * header.getInt(84);
        int wholeSectors = (entriesLength + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
        this.start = ByteBuffer.wrap(source.bytes(0, entriesOffset + wholeSectors)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns the size of the backup at the end of the file, in bytes; the table must have been read successfully. */
    static long tail(ByteSource source) {
        ByteBuffer header = ByteBuffer.wrap(source.bytes(HEADER, SECTOR_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        long entries = (long) header.getInt(80) * header.getInt(84);
        return Math.max(TAIL, (entries + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE + SECTOR_SIZE);
    }

    List<SectorWrite> writes(long length, long fileSize) {
        long lastSector = fileSize / SECTOR_SIZE - 1;
        int entrySectors = (start.capacity() - entriesOffset) / SECTOR_SIZE;
        start.putLong((int) partition.entryOffset() + 40, ResizePlan.sectors(partition.start() + length) - 1);
        byte[] entries = new byte[start.capacity() - entriesOffset];
        start.get(entriesOffset, entries);
        ByteBuffer header = ByteBuffer.wrap(source.bytes(HEADER, SECTOR_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(48, lastSector - entrySectors - 1);
        header.putInt(88, checksum(entries, entriesLength));
        ByteBuffer copy = ByteBuffer.wrap(header.array().clone()).order(ByteOrder.LITTLE_ENDIAN);
        copy.putLong(24, lastSector).putLong(32, 1).putLong(72, lastSector - entrySectors);
        header.putLong(32, lastSector);
        start.put(HEADER, withChecksum(header));
        if (hybrid.isEmpty()) {
            protect(lastSector);
        }
        ByteBuffer tail = ByteBuffer.allocate(entries.length + SECTOR_SIZE).put(entries).put(withChecksum(copy));
        List<SectorWrite> writes = new ArrayList<>();
        writes.add(new SectorWrite((lastSector - entrySectors) * SECTOR_SIZE, tail.array()));
        // Write only what changes: for the first entries this is a single page.
        int end = (int) (partition.entryOffset() / SECTOR_SIZE + 1) * SECTOR_SIZE;
        writes.add(new SectorWrite(0, Arrays.copyOf(start.array(), end)));
        return writes;
    }

    /** Updates the header's checksum, which is computed with its own field set to zero. */
    private static byte[] withChecksum(ByteBuffer header) {
        header.putInt(16, 0);
        header.putInt(16, checksum(header.array(), header.getInt(12)));
        return header.array();
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes, 0, length);
        return (int) checksum.getValue();
    }

    /** Makes the protective entry of the MBR cover the disk, as far as 32 bits allow. */
    private void protect(long lastSector) {
        for (int at = MasterBootRecord.ENTRIES_OFFSET; at < MasterBootRecord.ENTRIES_OFFSET + 4 * MasterBootRecord.ENTRY_SIZE;
                at += MasterBootRecord.ENTRY_SIZE) {
            if ((start.get(at + 4) & 0xFF) == TYPE_PROTECTIVE) {
                start.putInt(at + 12, (int) Math.min(lastSector, 0xFFFFFFFFL));
            }
        }
    }
}
