package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;

/**
 * The areas of a FAT filesystem (Microsoft FAT specification 1.03, section 3). All offsets and lengths are in bytes from the beginning of
 * the partition and taken from the boot sector: they may lie outside of the partition.
 *
 * @param sectorSize the size of the filesystem's sectors
 * @param clusterSize the size of a cluster, the unit of allocation
 * @param tableStart the start of the first table
 * @param tableLength the length of each table
 * @param tables the number of tables, each a copy of the first
 * @param rootStart the start of the root directory, which has its own area in FAT12 and FAT16
 * @param rootLength the length of that area; 0 in FAT32
 * @param dataStart the start of the first cluster, which has the number 2
 * @param clusters the number of clusters
 * @param width the width of a table's entries in bits: 12, 16 or 32
 */
record FatLayout(int sectorSize, long clusterSize, long tableStart, long tableLength, int tables, long rootStart, long rootLength,
        long dataStart, long clusters, int width) {

    /** The number of the first cluster. */
    static final int FIRST_CLUSTER = 2;

    private static final int FAT12_CLUSTERS = 4085;

    /** Parses a little-endian boot sector that {@code BootSector.isFat} accepts. */
    static FatLayout of(ByteBuffer sector) {
        int sectorSize = Short.toUnsignedInt(sector.getShort(11));
        long clusterSize = (long) (sector.get(13) & 0xFF) * sectorSize;
        // On FAT32 the 16-bit field for the length of the table is zero; a 32-bit one replaces it.
        boolean fat32 = sector.getShort(22) == 0;
        long tableStart = (long) Short.toUnsignedInt(sector.getShort(14)) * sectorSize;
        long tableLength = (fat32 ? Integer.toUnsignedLong(sector.getInt(36)) : Short.toUnsignedInt(sector.getShort(22))) * sectorSize;
        long rootStart = tableStart + sector.get(16) * tableLength;
        long rootLength = Short.toUnsignedInt(sector.getShort(17)) * (long) FatEntries.SIZE;
        long dataStart = rootStart + (rootLength + sectorSize - 1) / sectorSize * sectorSize;
        int small = Short.toUnsignedInt(sector.getShort(19));
        long total = (small != 0 ? small : Integer.toUnsignedLong(sector.getInt(32))) * sectorSize;
        long clusters = Math.max(0, (total - dataStart) / clusterSize);
        // As on Linux, more clusters than FAT16 can have do not make it a FAT32; its table is too short then.
        int old = clusters < FAT12_CLUSTERS ? 12 : 16;
        return new FatLayout(sectorSize, clusterSize, tableStart, tableLength, sector.get(16), rootStart, rootLength, dataStart, clusters,
                fat32 ? 32 : old);
    }

    boolean isFat32() {
        return width == 32;
    }

    /** Returns the offset of a cluster, whose number is {@link #FIRST_CLUSTER} or more. */
    long offset(long cluster) {
        return dataStart + (cluster - FIRST_CLUSTER) * clusterSize;
    }
}
