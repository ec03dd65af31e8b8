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
 * One partition that is on a disk, for the person who is asked whether it may be erased.
 *
 * @param number as Linux numbers it; 0 where the disk is one filesystem
 * @param size in bytes
 * @param type its filesystem, empty where it is not known
 * @param label the filesystem's, or the partition's; the disk's own words
 */
public record DeviceContent(int number, long size, String type, String label) {

    /** A disk, whose size does not stand in its inode. */
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

    /** What is on a disk; nothing where its table makes no sense. */
    static List<DeviceContent> of(OpenFile device, long size) {
        Disk disk = new Disk(device, size);
        List<DeviceContent> found = new ArrayList<>();
        try {
            for (Partition partition : PartitionTable.read(disk).partitions()) {
                Optional<Filesystem> filesystem = Filesystem.probe(disk, partition);
                String label = filesystem.map(Filesystem::label).filter(text -> !text.isEmpty()).orElse(partition.label());
                found.add(new DeviceContent(partition.number(), partition.length(), filesystem.map(Filesystem::type).orElse(""), label));
            }
            return found;
        } catch (Failure e) {
            return found;
        }
    }
}
