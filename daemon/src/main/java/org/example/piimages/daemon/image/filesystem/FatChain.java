package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/** The chains of clusters in a FAT, read from its first table (Microsoft FAT specification 1.03, section 4). */
record FatChain(PartitionBytes partition, FatLayout layout) {

    /** Whether a cluster of that number exists. */
    boolean has(long cluster) {
        return cluster >= FatLayout.FIRST_CLUSTER && cluster < layout.clusters() + FatLayout.FIRST_CLUSTER;
    }

    /**
     * Returns the next cluster of a chain; 0 if the cluster is free. The values for the end of a chain and for bad clusters are larger than
     * all cluster numbers.
     */
    long next(long cluster) {
        long start = layout.tableStart();
        if (layout.isFat32()) {
            return partition.read(start + cluster * 4, 4).map(entry -> entry.getInt(0) & 0x0FFFFFFFL).orElse(0L);
        }
        Optional<ByteBuffer> read = partition.read(start + (layout.width() == 16 ? cluster * 2 : cluster * 3 / 2), 2);
        long entry = read.map(bytes -> (long) Short.toUnsignedInt(bytes.getShort(0))).orElse(0L);
        if (layout.width() == 16) {
            return entry;
        }
        // FAT12: three bytes hold two entries.
        return cluster % 2 == 0 ? entry & 0xFFF : entry >> 4;
    }
}
