package org.example.piimages.daemon.image.care.card;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * A partition of a disk, shown to the user before the disk is erased.
 *
 * @param number the number that Linux assigns; 0 if the disk contains a filesystem without a partition table
 * @param size the size in bytes
 * @param type the type of the filesystem; empty if unknown
 * @param label the label of the filesystem or else of the partition, unescaped as stored on the disk
 */
public record DeviceContent(int number, long size, String type, String label) {

    /** A disk as a source: its size cannot be taken from its inode. */
    private record Disk(OpenFile file, long size) implements ByteSource {
        @Override
        public void read(long offset, byte[] buffer) {
            try {
                file.read(offset, buffer);
            } catch (IOException e) {
                throw new Failure(Failure.Kind.FAILED, "cannot read it: " + e.getMessage(), e);
            }
        }
    }

    /** Lists the partitions of a disk, up to the first one that cannot be read; empty if the partition table is invalid. */
    static List<DeviceContent> of(OpenFile device, long size) {
        Disk disk = new Disk(device, size);
        List<DeviceContent> contents = new ArrayList<>();
        try {
            for (Partition partition : PartitionTable.read(disk).partitions()) {
                Optional<Filesystem> filesystem = Filesystem.probe(disk, partition);
                String label = filesystem.map(Filesystem::label).filter(text -> !text.isEmpty()).orElse(partition.label());
                contents.add(new DeviceContent(partition.number(), partition.length(), filesystem.map(Filesystem::type).orElse(""), label));
            }
            return contents;
        } catch (Failure e) {
            return contents;
        }
    }
}
