package org.example.piimages.daemon.image.attachment;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;

/**
 * The last partition on the disk and its filesystem: only its size can be changed, because no other partition is ever moved. In most
 * images it contains the root filesystem; in some a data partition follows the root.
 *
 * @param table the image's partition table
 * @param partition the last one
 * @param filesystem the filesystem, according to its superblock
 */
public record LastVolume(PartitionTable table, Partition partition, Filesystem filesystem) {

    private static final int EXT_SUPERBLOCK = 1024;
    private static final int EXT_BLOCK_SIZE_EXPONENT = 0x18;
    private static final int SUPERBLOCK_OF_BTRFS = 65536;
    private static final int OFFSET_FLAGS = 0x38;
    private static final int OFFSET_DEVICES = 0x88;
    private static final int OFFSET_DEVICE = 0xC9;
    private static final long FLAG_SEED = 1L << 32;

    /**
     * Finds the last partition.
     *
     * @throws Failure INVALID_IMAGE as {@link PartitionTable#read}, and for a filesystem that is larger than its partition; UNSUPPORTED
     *     if it has no known filesystem
     */
    public static LastVolume of(ByteSource file) {
        PartitionTable table = PartitionTable.read(file);
        Partition partition = table.partitions().stream().max(Comparator.comparingLong(Partition::start)).orElseThrow();
        Optional<Filesystem> filesystem = Filesystem.probe(file, partition);
        LastVolume last = new LastVolume(table, partition, filesystem.orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED,
                partition.title() + " is the last one and has no known filesystem; only the last partition can be resized")));
        last.filesystem.requireFits(partition);
        return last;
    }

    /** Whether it is ext2, ext3 or ext4. */
    public boolean isExt() {
        return filesystem.extFeatures().isPresent();
    }

    /** A description for messages: "the ext4 filesystem of partition 2". */
    public String title() {
        return "the " + filesystem.title() + " filesystem of " + partition.title();
    }

    /**
     * Returns the failure for a filesystem whose size cannot be changed.
     *
     * @param verb the past participle of the operation, such as "grown"
     * @param types the filesystems that support the operation
     */
    public Failure unsupported(String verb, String types) {
        String subject = filesystem.isMountable() ? title() : filesystem.title() + " in " + partition.title();
        return new Failure(Failure.Kind.UNSUPPORTED, subject + " cannot be " + verb + "; " + types
                + " can, and only in the last partition of an image");
    }

    /** The size of an ext filesystem's blocks, in bytes. */
    public static long extBlockSize(ByteSource source, Partition partition) {
        return 1024L << source.bytes(partition.start() + EXT_SUPERBLOCK + EXT_BLOCK_SIZE_EXPONENT, 1)[0];
    }

    /** Whether it is f2fs. */
    public boolean isF2fs() {
        return filesystem.type().equals("f2fs");
    }

    /** Whether it is btrfs. */
    public boolean isBtrfs() {
        return filesystem.type().equals("btrfs");
    }

    /**
     * Returns the btrfs device ID of the partition.
     *
     * @throws Failure UNSUPPORTED if the filesystem has several devices or is a seed
     */
    public long btrfsDevice(ByteSource source) {
        ByteBuffer superblock = ByteBuffer.wrap(source.bytes(partition.start() + SUPERBLOCK_OF_BTRFS, OFFSET_DEVICE + Long.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        long devices = superblock.getLong(OFFSET_DEVICES);
        if (devices != 1) {
            throw new Failure(Failure.Kind.UNSUPPORTED, title() + " consists of " + Long.toUnsignedString(devices)
                    + " devices, and only one of them is in the image; remove the others from it first");
        }
        if ((superblock.getLong(OFFSET_FLAGS) & FLAG_SEED) != 0) {
            throw new Failure(Failure.Kind.UNSUPPORTED, title() + " is a seed for others, which cannot be changed; to make it an ordinary"
                    + " one: btrfstune -S 0");
        }
        return superblock.getLong(OFFSET_DEVICE);
    }

    /** The options with which the filesystem is mounted for maintenance; the same as for its owner. */
    public List<String> mountOptions() {
        return AttachedVolume.options(filesystem, false);
    }
}
