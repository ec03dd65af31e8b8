package org.example.piimages.daemon.image.table;

import static org.example.piimages.daemon.image.table.PartitionTable.SECTOR_SIZE;
import static org.example.piimages.daemon.image.table.PartitionTable.invalid;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.example.piimages.daemon.image.disk.Partition;

/** Checks that partitions do not overlap and lie within the file, before they are used. */
final class PartitionLayout {

    private PartitionLayout() {
    }

    /**
     * Refuses a partition that is empty, begins in the first sector or exceeds the file.
     *
     * @param start the first sector, unsigned: a GPT may contain any 64-bit value
     * @param length the length in sectors, unsigned
     * @param size the size of the file in bytes
     */
    static void requireInFile(int number, long start, long length, long size) {
        if (length == 0) {
            throw invalid("partition " + number + " has a length of zero: the table is damaged; copy or download the image again");
        }
        if (start == 0) {
            throw invalid("partition " + number + " overlaps the partition table: the table is damaged or malicious");
        }
        BigInteger end = unsigned(start).add(unsigned(length)).multiply(BigInteger.valueOf(SECTOR_SIZE));
        if (end.compareTo(BigInteger.valueOf(size)) > 0) {
            throw invalid("partition " + number + " ends at byte " + end + " but the file has " + size
                    + " bytes: the image seems truncated; copy or download it again");
        }
    }

    /** Refuses overlapping partitions, logical ones outside the extended one, and any outside the usable space of the table. */
    static void check(PartitionTable table, long size) {
        List<Partition> top = new ArrayList<>(table.partitions());
        table.extended().ifPresent(extended -> {
            List<Partition> logicals = table.partitions().stream().filter(partition -> isLogical(table, partition)).toList();
            logicals.forEach(logical -> requireInside(extended, logical));
            requireDisjoint(logicals);
            top.removeAll(logicals);
            top.add(extended);
        });
        requireDisjoint(top);
        for (Partition partition : top) {
            if (partition.start() < table.usableStart() || partition.end() > Math.min(table.usableEnd(), size)) {
                throw invalid(partition.title() + " is outside the space that the table reserves for partitions: the table is damaged");
            }
        }
    }

    private static boolean isLogical(PartitionTable table, Partition partition) {
        return table.kind() == PartitionTable.Kind.MBR && partition.number() > 4;
    }

    private static void requireInside(Partition extended, Partition logical) {
        if (logical.start() <= extended.start() || logical.end() > extended.end()) {
            throw invalid("the logical partition " + logical.number() + " is outside the extended partition " + extended.number()
                    + ": the partition table is damaged");
        }
    }

    private static void requireDisjoint(List<Partition> partitions) {
        List<Partition> sorted = partitions.stream().sorted(Comparator.comparingLong(Partition::start)).toList();
        for (int index = 1; index < sorted.size(); index++) {
            Partition before = sorted.get(index - 1);
            Partition after = sorted.get(index);
            if (after.start() < before.end()) {
                throw invalid("partitions " + before.number() + " and " + after.number() + " overlap at byte " + after.start()
                        + ": the partition table is damaged or malicious");
            }
        }
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
