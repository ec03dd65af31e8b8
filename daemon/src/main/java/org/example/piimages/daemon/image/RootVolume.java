package org.example.piimages.daemon.image;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Filesystem;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionTable;
import org.example.piimages.daemon.image.disk.Volume;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.linux.Mount;
import org.example.piimages.daemon.linux.OpenFile;

/**
 * The partition with the root filesystem, which care of an image is mostly about.
 *
 * @param table all of the image's
 * @param partition the root's
 * @param filesystem what its superblock says
 */
public record RootVolume(PartitionTable table, Partition partition, Filesystem filesystem) {

    private static final int EXT_SUPERBLOCK = 1024;
    private static final int EXT_BLOCK_SIZE_EXPONENT = 0x18;

    /**
     * Finds it. Where several partitions could be the root, they are mounted read-only to see, as MountImage does.
     *
     * @throws Failure INVALID_IMAGE when there is none
     */
    public static RootVolume of(ImageFile file) throws IOException {
        PartitionTable table = PartitionTable.read(file);
        List<Volume> candidates = MountPlan.rootCandidates(Volume.probe(file, table));
        int number = candidates.size() == 1 ? candidates.get(0).partition().number() : look(file);
        return of(file, table, number);
    }

    /** The same, of an image whose root is known to be the partition of that number. */
    public static RootVolume of(ImageFile file, int number) {
        return of(file, PartitionTable.read(file), number);
    }

    private static RootVolume of(ImageFile file, PartitionTable table, int number) {
        Partition partition = table.partition(number).orElseThrow();
        Filesystem filesystem = Filesystem.probe(file, partition).orElseThrow(() -> PartitionTable.invalid("the root filesystem is gone"));
        filesystem.requireFits(partition);
        return new RootVolume(table, partition, filesystem);
    }

    private static int look(ImageFile file) throws IOException {
        EnumSet<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.READ_ONLY, Mount.Attribute.NO_DEVICES, Mount.Attribute.NO_SETUID);
        try (OpenFile own = file.file().reopen(); ImageFile again = new ImageFile(own, file.path());
                Attachment attachment = Attachment.of(again, true, false, attributes)) {
            return attachment.volumes().get(0).number();
        }
    }

    /** Whether it is ext2, ext3 or ext4. */
    public boolean isExt() {
        return filesystem.extFeatures().isPresent();
    }

    /** The size of an ext filesystem's blocks, in bytes. */
    public static long extBlockSize(ByteSource source, Partition partition) {
        return 1024L << source.bytes(partition.start() + EXT_SUPERBLOCK + EXT_BLOCK_SIZE_EXPONENT, 1)[0];
    }

    /** What the filesystem is mounted with while it is looked after, as for its owner. */
    public List<String> mountOptions() {
        return AttachedVolume.options(filesystem, false);
    }
}
