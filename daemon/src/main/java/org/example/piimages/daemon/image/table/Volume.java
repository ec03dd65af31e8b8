package org.example.piimages.daemon.image.table;

import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;

/**
 * A partition and its filesystem.
 *
 * @param partition the partition
 * @param filesystem the filesystem, according to its superblock; empty if none is recognized
 * @param unlocked whether the partition is encrypted and was unlocked; the filesystem is then that of the decrypted content
 */
public record Volume(Partition partition, Optional<Filesystem> filesystem, boolean unlocked) {

    /** Creates a volume of a partition that is not unlocked. */
    public Volume(Partition partition, Optional<Filesystem> filesystem) {
        this(partition, filesystem, false);
    }

    /**
     * Probes every partition of a table.
     *
     * @return one volume a partition, in the table's order
     * @throws Failure what {@link Filesystem#probe} throws
     */
    public static List<Volume> probe(ByteSource source, PartitionTable table) {
        return table.partitions().stream().map(partition -> new Volume(partition, Filesystem.probe(source, partition))).toList();
    }
}
