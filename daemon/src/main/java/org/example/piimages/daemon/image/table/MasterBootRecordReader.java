package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;
import static org.example.piimages.daemon.image.table.PartitionTable.invalid;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;

/** Turns a master boot record and its chain of extended boot records into partitions, numbered as the kernel's msdos.c numbers them. */
final class MasterBootRecordReader {

    /** The maximum number of links in a chain: more than anyone uses, and few enough to read quickly. */
    static final int LINK_LIMIT = 128;

    private static final HexFormat HEX = HexFormat.of();
    private static final int FIRST_LOGICAL_NUMBER = 5;
    /** An MBR counts sectors in 32 bits. */
    private static final long USABLE_END = (1L << 32) * SECTOR_SIZE;

    private final ByteSource source;
    private final MasterBootRecord record;
    private final List<Partition> partitions = new ArrayList<>();
    private Optional<Partition> extended = Optional.empty();

    MasterBootRecordReader(ByteSource source, MasterBootRecord record) {
        this.source = source;
        this.record = record;
    }

    PartitionTable read() {
        for (MasterBootRecord.Entry entry : record.entries()) {
            if (entry.isUsed()) {
                addPrimary(entry);
            }
        }
        extended.ifPresent(this::addLogicals);
        if (partitions.isEmpty()) {
            throw invalid("the partition table contains only an empty extended partition; copy or download the image again");
        }
        return new PartitionTable(PartitionTable.Kind.MBR, HEX.toHexDigits(record.diskId()), partitions, extended,
                SECTOR_SIZE, USABLE_END, false);
    }

    private void addPrimary(MasterBootRecord.Entry entry) {
        Partition partition = partition(entry, entry.index() + 1, 0, 0);
        if (!entry.isExtended()) {
            partitions.add(partition);
        } else if (extended.isEmpty()) {
            extended = Optional.of(partition);
        } else {
            throw invalid("the partition table has two extended partitions, " + extended.get().number() + " and " + partition.number()
                    + ": it is damaged or malicious");
        }
    }

    /**
     * Follows the chain. Each link holds one logical partition, relative to the link, and the position of the next link, relative to the
     * beginning of the extended partition. The third and fourth entries of a link are unused, and some tools leave garbage in them.
     */
    private void addLogicals(Partition container) {
        Set<Long> visited = new HashSet<>();
        long link = container.start();
        while (link >= 0) {
            if (!visited.add(link) || visited.size() > LINK_LIMIT) {
                throw invalid("the logical partitions of the image form a loop, or there are more than " + LINK_LIMIT
                        + ": the partition table is damaged or malicious");
            }
            Optional<MasterBootRecord> parsed = MasterBootRecord.parseLink(source.bytes(link, SECTOR_SIZE));
            if (parsed.isEmpty() && link == container.start()) {
                // No logical partition was ever created; the kernel also treats it as empty.
                return;
            }
            long current = link;
            link = addLink(container, current,
                    parsed.orElseThrow(() -> invalid("the chain of logical partitions is broken at byte " + current
                            + " of the image: the partition table is damaged")));
        }
    }

    /** Adds the partition of the link at {@code link}; returns the offset of the next link in bytes, or -1 if it is the last. */
    private long addLink(Partition container, long link, MasterBootRecord parsed) {
        long next = -1;
        boolean hasPartition = false;
        for (MasterBootRecord.Entry entry : parsed.entries().subList(0, 2)) {
            if (entry.isExtended() && entry.length() > 0 && next < 0) {
                next = container.start() + entry.start() * SECTOR_SIZE;
            } else if (entry.isUsed() && !entry.isExtended() && !hasPartition) {
                partitions.add(partition(entry, nextLogicalNumber(), link, link));
                hasPartition = true;
            }
        }
        if (next >= 0 && next > container.end() - SECTOR_SIZE) {
            throw invalid("the chain of logical partitions leaves the extended partition " + container.number()
                    + ": the partition table is damaged");
        }
        return next;
    }

    private int nextLogicalNumber() {
        int last = partitions.isEmpty() ? 0 : partitions.get(partitions.size() - 1).number();
        return Math.max(FIRST_LOGICAL_NUMBER, last + 1);
    }

    private Partition partition(MasterBootRecord.Entry entry, int number, long base, long recordOffset) {
        PartitionLayout.requireInFile(number, entry.start() + base / SECTOR_SIZE, entry.length(), source.size());
        return new Partition(number, base + entry.start() * SECTOR_SIZE, entry.length() * SECTOR_SIZE,
                "0x" + Integer.toHexString(entry.type()), HEX.toHexDigits(record.diskId()) + "-" + HEX.toHexDigits((byte) number), "",
                entry.isActive(), recordOffset + MasterBootRecord.ENTRIES_OFFSET + (long) entry.index() * MasterBootRecord.ENTRY_SIZE);
    }
}
