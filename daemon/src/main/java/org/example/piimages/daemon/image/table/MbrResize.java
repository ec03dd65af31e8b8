package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;

/**
 * The writes that give an MBR partition another length: one sector for a primary one. A logical one lies in the extended partition, and the
 * link before its own tells how far it reaches: these grow first and shrink last, so that what lies within never sticks out.
 */
final class MbrResize {

    private static final int LENGTH_OFFSET = 12;
    private static final long MAX_SECTORS = 0xFFFFFFFFL;

    private final ByteSource source;
    private final PartitionTable table;
    private final Partition partition;

    MbrResize(ByteSource source, PartitionTable table, Partition partition) {
        this.source = source;
        this.table = table;
        this.partition = partition;
    }

    List<SectorWrite> writes(long length) {
        if (ResizePlan.sectors(partition.start() + length) > MAX_SECTORS) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "an MBR partition table is limited to 2 TiB; specify a smaller size");
        }
        long change = length - partition.length();
        List<SectorWrite> writes = new ArrayList<>();
        if (partition.number() > 4) {
            Partition extended = table.extended().orElseThrow();
            // Space behind the logical partition that the extended one has already is used up first.
            long newEnd = change > 0 ? Math.max(extended.end(), partition.end() + change) : partition.end() + change;
            writes.add(withLength(extended.entryOffset(), newEnd - extended.start()));
            long link = partition.entryOffset() - partition.entryOffset() % SECTOR_SIZE;
            linkTo(extended, link).ifPresent(entry -> writes.add(withLength(entry, partition.start() + length - link)));
        }
        writes.add(withLength(partition.entryOffset(), length));
        if (change < 0) {
            Collections.reverse(writes);
        }
        return writes;
    }

    /** Returns the offset of the entry that points to the link; empty for the first link, which begins the extended partition. */
    private Optional<Long> linkTo(Partition extended, long link) {
        long at = extended.start();
        while (at != link) {
            MasterBootRecord record = MasterBootRecord.parseLink(source.bytes(at, SECTOR_SIZE)).orElseThrow();
            MasterBootRecord.Entry next = record.entries().subList(0, 2).stream().filter(MasterBootRecord.Entry::isExtended).findFirst()
                    .orElseThrow();
            long target = extended.start() + next.start() * SECTOR_SIZE;
            if (target == link) {
                return Optional.of(at + MasterBootRecord.ENTRIES_OFFSET + (long) next.index() * MasterBootRecord.ENTRY_SIZE);
            }
            at = target;
        }
        return Optional.empty();
    }

    /** Returns a write of the sector that contains the entry at an offset in the file, with a new length in the entry. */
    private SectorWrite withLength(long entryOffset, long length) {
        int inSector = (int) (entryOffset % SECTOR_SIZE);
        byte[] sector = source.bytes(entryOffset - inSector, SECTOR_SIZE);
        ByteBuffer entry = ByteBuffer.wrap(sector).order(ByteOrder.LITTLE_ENDIAN);
        entry.putInt(inSector + LENGTH_OFFSET, (int) ResizePlan.sectors(length));
        return new SectorWrite(entryOffset - inSector, sector);
    }
}
