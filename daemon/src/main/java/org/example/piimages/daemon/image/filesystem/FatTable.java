package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/** The free clusters of a FAT according to its table (Microsoft FAT specification 1.03, section 4). */
final class FatTable {

    /** The bytes that are read at once: whole entries of each width, and whole sectors. */
    private static final int BUFFER_SIZE = 3 << 16;
    /** The bit in the boot sector's state that Linux and Windows set while the filesystem is mounted. */
    private static final int DIRTY = 1;
    /** The FAT32 flag that the tables are not copies of each other. */
    private static final int NOT_MIRRORED = 0x80;

    private final PartitionBytes partition;
    private final FatLayout layout;
    private final UnusedRanges ranges;
    private boolean isClean = true;

    private FatTable(PartitionBytes partition, FatLayout layout, UnusedRanges ranges) {
        this.partition = partition;
        this.layout = layout;
        this.ranges = ranges;
    }

    /** Like {@link UnusedSpace#report}. */
    static Optional<String> report(PartitionBytes partition, UnusedRanges ranges) {
        ByteBuffer sector = partition.read(0, 512).orElseThrow();
        FatLayout layout = FatLayout.of(sector);
        if ((sector.get(layout.isFat32() ? 65 : 37) & DIRTY) != 0) {
            return Optional.of("the filesystem was not unmounted cleanly");
        }
        if (layout.isFat32() && (sector.get(40) & NOT_MIRRORED) != 0) {
            return Optional.of("its tables differ");
        }
        return new FatTable(partition, layout, ranges).report();
    }

    private Optional<String> report() {
        long entries = layout.clusters() + FatLayout.FIRST_CLUSTER;
        if ((entries * layout.width() + 7) / 8 > layout.tableLength()) {
            return Optional.of("its table is too short");
        }
        long perPiece = BUFFER_SIZE * 8L / layout.width();
        for (long first = 0; first < entries; first += perPiece) {
            int count = (int) Math.min(perPiece, entries - first);
            Optional<ByteBuffer> piece = piece(first * layout.width() / 8, (count * layout.width() + 7) / 8);
            if (piece.isEmpty()) {
                return Optional.of("its tables differ");
            }
            reportFree(piece.get(), first, count);
        }
        return isClean ? Optional.empty() : Optional.of("the filesystem was not unmounted cleanly");
    }

    /** Returns a piece of the table; empty if its copies differ or lie outside of the partition. */
    private Optional<ByteBuffer> piece(long offset, int length) {
        Optional<ByteBuffer> piece = partition.read(layout.tableStart() + offset, length);
        for (int table = 1; table < layout.tables() && piece.isPresent(); table++) {
            piece = partition.read(layout.tableStart() + table * layout.tableLength() + offset, length).filter(piece.get()::equals);
        }
        return piece;
    }

    private void reportFree(ByteBuffer piece, long first, int count) {
        for (int i = 0; i < count; i++) {
            long cluster = first + i;
            int entry = entry(piece, i);
            if (cluster == 1) {
                isClean = isClean(entry);
            } else if (cluster >= FatLayout.FIRST_CLUSTER && (entry == 0 || isBad(entry))) {
                ranges.add(layout.offset(cluster), layout.clusterSize());
            }
        }
    }

    private int entry(ByteBuffer piece, int index) {
        return switch (layout.width()) {
            case 32 -> piece.getInt(index * 4) & 0x0FFFFFFF;
            case 16 -> Short.toUnsignedInt(piece.getShort(index * 2));
            default -> {
                // Three bytes hold two entries.
                int at = index * 3 / 2;
                int shifted = piece.get(at) & 0xFF | (piece.get(at + 1) & 0xFF) << 8;
                yield index % 2 == 0 ? shifted & 0xFFF : shifted >> 4;
            }
        };
    }

    /** Whether the cluster is marked as bad: the medium is defective there. It has no data, and reading it may fail. */
    private boolean isBad(int entry) {
        return entry == switch (layout.width()) {
            case 32 -> 0x0FFFFFF7;
            case 16 -> 0xFFF7;
            default -> 0xFF7;
        };
    }

    /**
     * Whether the filesystem was unmounted cleanly, according to the two highest bits of entry 1, which belongs to no cluster; Windows uses
     * them. FAT12 has none.
     */
    private boolean isClean(int entry) {
        return switch (layout.width()) {
            case 32 -> (entry & 0x0C000000) == 0x0C000000;
            case 16 -> (entry & 0xC000) == 0xC000;
            default -> true;
        };
    }
}
