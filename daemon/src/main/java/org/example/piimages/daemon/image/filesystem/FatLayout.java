package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;

/**
 * Where the parts of a FAT filesystem are (Microsoft FAT specification 1.03, section 3). All offsets and lengths are in bytes, from the
 * beginning of the partition, and what the boot sector says: they may lie outside of the partition.
 *
 * @param sectorSize the filesystem's own unit
 * @param clusterSize in which files get their room
 * @param tableStart of the first table
 * @param tableLength of each table
 * @param tables how many there are, each a copy of the first
 * @param rootStart of the root folder, where it has a place of its own: in FAT12 and FAT16
 * @param rootLength of that folder, 0 in FAT32
 * @param dataStart of the first cluster, which has the number 2
 * @param clusters how many there are
 * @param width of a table's entry in bits: 12, 16 or 32
 */
record FatLayout(int sectorSize, long clusterSize, long tableStart, long tableLength, int tables, long rootStart, long rootLength,
        long dataStart, long clusters, int width) {

    /** The number of the first cluster. */
    static final int FIRST_CLUSTER = 2;

    private static final int FAT12_CLUSTERS = 4085;

    /** As a boot sector has it that {@code BootSector.isFat} accepts; little-endian. */
    static FatLayout of(ByteBuffer sector) {
        int sectorSize = Short.toUnsignedInt(sector.getShort(11));
        long clusterSize = (long) (sector.get(13) & 0xFF) * sectorSize;
        // FAT32 has no room for its table's length in the field that the older ones use.
        boolean fat32 = sector.getShort(22) == 0;
        long tableStart = (long) Short.toUnsignedInt(sector.getShort(14)) * sectorSize;
        long tableLength = (fat32 ? Integer.toUnsignedLong(sector.getInt(36)) : Short.toUnsignedInt(sector.getShort(22))) * sectorSize;
        long rootStart = tableStart + sector.get(16) * tableLength;
        long rootLength = Short.toUnsignedInt(sector.getShort(17)) * (long) FatEntries.SIZE;
        long dataStart = rootStart + (rootLength + sectorSize - 1) / sectorSize * sectorSize;
        int small = Short.toUnsignedInt(sector.getShort(19));
        long total = (small != 0 ? small : Integer.toUnsignedLong(sector.getInt(32))) * sectorSize;
        long clusters = Math.max(0, (total - dataStart) / clusterSize);
        // As Linux: a FAT16 that claims more clusters than there can be has too short a table.
        int old = clusters < FAT12_CLUSTERS ? 12 : 16;
        return new FatLayout(sectorSize, clusterSize, tableStart, tableLength, sector.get(16), rootStart, rootLength, dataStart, clusters,
                fat32 ? 32 : old);
    }

    boolean isFat32() {
        return width == 32;
    }

    /** Where a cluster begins; its number is {@link #FIRST_CLUSTER} or more. */
    long offset(long cluster) {
        return dataStart + (cluster - FIRST_CLUSTER) * clusterSize;
    }
}
