package org.example.piimages.daemon.image.table;

import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;

/**
 * A partition and what is in it.
 *
 * @param partition where it is
 * @param filesystem what its superblock says; empty when nothing known is there
 * @param unlocked whether the partition is encrypted, and the filesystem is what is seen with its passphrase
 */
public record Volume(Partition partition, Optional<Filesystem> filesystem, boolean unlocked) {

    /** A partition as it is. */
    public Volume(Partition partition, Optional<Filesystem> filesystem) {
        this(partition, filesystem, false);
    }

    /**
     * Looks into every partition of a table.
     *
     * @return one volume a partition, in the table's order
     * @throws Failure what {@link Filesystem#probe} throws
     */
    public static List<Volume> probe(ByteSource source, PartitionTable table) {
        return table.partitions().stream().map(partition -> new Volume(partition, Filesystem.probe(source, partition))).toList();
    }
}
