package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;

import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;

/**
 * How the last partition of an image gets another length, and nothing else another value: the disk's and the partitions' ids, the active
 * flag, the boot code and every other partition stay as they are. The plan has been tried on a copy of the table before it is returned.
 *
 * <p>An MBR's cylinder numbers are left alone too: Linux and the Raspberry Pi's firmware count sectors.
 *
 * @param before the partition before the change
 * @param after the partition after the change
 * @param fileSize the file's new size in bytes
 * @param writes what to write and in which order, so that after each the table is sound; empty when the table stays as it is
 */
public record ResizePlan(Partition before, Partition after, long fileSize, List<SectorWrite> writes) {

    /** The alignment of the ends of partitions in bytes, as is usual for partitioning tools. */
    public static final long ALIGNMENT = 1 << 20;

    /** Keeps its own copy of the list. */
    public ResizePlan {
        writes = List.copyOf(writes);
    }

    /**
     * Plans a partition that ends where the file does, as far as the table allows.
     *
     * @param fileSize the file's size afterwards, in bytes, in whole sectors; not less than the file has
     * @throws Failure UNSUPPORTED if another partition follows, or the table is damaged or limited to a smaller size
     */
    public static ResizePlan toFileSize(ByteSource source, PartitionTable table, Partition partition, long fileSize) {
        long room = table.kind() == PartitionTable.Kind.GPT ? GptResize.tail(source) : 0;
        return plan(source, table, partition, Math.max(partition.length(), alignedDown(fileSize - room) - partition.start()), fileSize);
    }

    /**
     * Plans a partition of a certain length, and a file that ends with it, or with the extended partition that contains it.
     *
     * @param length the length of the partition in bytes; rounded up so that it ends at a multiple of {@link #ALIGNMENT}
     * @throws Failure as {@link #toFileSize}
     */
    public static ResizePlan toLength(ByteSource source, PartitionTable table, Partition partition, long length) {
        long end = alignedUp(partition.start() + length);
        long room = table.kind() == PartitionTable.Kind.GPT ? ALIGNMENT : 0;
        // A logical partition that grows takes space behind it in the extended one, which does not become smaller.
        boolean inExtended = end > partition.end() && partition.number() > 4;
        long needed = inExtended ? table.extended().map(Partition::end).orElse(0L) : 0;
        return plan(source, table, partition, end - partition.start(), Math.max(end, needed) + room);
    }

    /** Rounds up to a multiple of {@link #ALIGNMENT}. */
    public static long alignedUp(long bytes) {
        return alignedDown(bytes + ALIGNMENT - 1);
    }

    private static long alignedDown(long bytes) {
        return bytes - bytes % ALIGNMENT;
    }

    private static ResizePlan plan(ByteSource source, PartitionTable table, Partition partition, long length, long fileSize) {
        requireLast(table, partition);
        boolean same = length == partition.length() && fileSize == source.size();
        List<SectorWrite> writes = same ? List.of() : switch (table.kind()) {
            case MBR -> new MbrResize(source, table, partition).writes(length);
            case GPT -> new GptResize(source, table, partition).writes(length, fileSize);
            case NONE -> List.of();
        };
        Partition after = new Partition(partition.number(), partition.start(), length, partition.type(), partition.uuid(),
                partition.label(), partition.active(), partition.entryOffset());
        ResizePlan plan = new ResizePlan(partition, after, fileSize, writes);
        if (table.kind() != PartitionTable.Kind.NONE) {
            plan.requireOnlyLengthChanges(source, table);
        }
        return plan;
    }

    private static void requireLast(PartitionTable table, Partition partition) {
        Optional<Partition> following = table.partitions().stream().filter(other -> other.start() >= partition.end()).findFirst();
        if (following.isPresent()) {
            throw new Failure(Failure.Kind.UNSUPPORTED,
                    partition.title() + " cannot be resized: it is followed by " + following.get().title()
                            + ", and only the last partition can be resized, because partitions are never moved");
        }
    }

    /** Parses the table as it would be after the writes, and requires that nothing but the length differs. */
    private void requireOnlyLengthChanges(ByteSource source, PartitionTable table) {
        PartitionTable changed = PartitionTable.read(new PatchedSource(source, fileSize, writes));
        List<Partition> expected = table.partitions().stream().map(partition -> partition.equals(before) ? after : partition).toList();
        boolean same = changed.kind() == table.kind() && changed.diskId().equals(table.diskId()) && !changed.fromBackup()
                && changed.partitions().equals(expected)
                && changed.extended().map(Partition::start).equals(table.extended().map(Partition::start));
        if (!same) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "the partition table is unusual: resizing " + before.title()
                    + " would also change something else; nothing was changed");
        }
    }

    /** Converts bytes to 512-byte sectors, rounding down. */
    static long sectors(long bytes) {
        return bytes / SECTOR_SIZE;
    }
}
