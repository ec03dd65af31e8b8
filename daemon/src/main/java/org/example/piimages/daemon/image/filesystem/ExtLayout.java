package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The block groups of an ext filesystem, and the locations of the copies of its superblock and group descriptors ("Layout" in the kernel's
 * Documentation/filesystems/ext4). Blocks are counted from the beginning of the filesystem.
 *
 * @param blockSize the size of a block, in bytes
 * @param blocks the number of blocks
 * @param first the first block of the first group: 1 if blocks have 1024 bytes, otherwise 0
 * @param blocksPerGroup the number of blocks in each group but the last
 * @param descriptorSize the size of a group descriptor, in bytes
 * @param inodeTableBlocks the number of blocks of each group's inode table
 * @param reservedBlocks the number of blocks reserved after the descriptors, for more of them
 * @param firstMetaGroup the number of the first block of descriptors that is stored in the groups it describes; {@link Integer#MAX_VALUE}
 *     if none is
 * @param backups the only two groups with copies of the superblock; empty if the usual groups have them
 * @param sparse whether only few groups have copies
 */
record ExtLayout(int blockSize, long blocks, int first, int blocksPerGroup, int descriptorSize, int inodeTableBlocks, int reservedBlocks,
        int firstMetaGroup, Optional<int[]> backups, boolean sparse) {

    /** More groups than any card has; a few numbers are kept for each. */
    private static final int MAX_GROUPS = 1 << 16;
    private static final int SPARSE_SUPER2 = 0x200;
    private static final int META_BG = 0x10;
    private static final int SPARSE_SUPER = 0x1;

    /** Parses the superblock of a filesystem of {@code bytes} bytes; empty if it is invalid or has more groups than are supported. */
    static Optional<ExtLayout> of(ByteBuffer superblock, ExtFeatures features, long bytes) {
        int blockSize = 1024 << superblock.getInt(0x18);
        boolean wide = (features.incompatible() & ExtFeatures.INCOMPATIBLE_64BIT) != 0;
        int inodeSize = superblock.getInt(0x4C) == 0 ? 128 : Short.toUnsignedInt(superblock.getShort(0x58));
        int inodes = superblock.getInt(0x28);
        boolean valid = inodes > 0 && inodes <= 8 * blockSize && Integer.bitCount(inodeSize) == 1 && inodeSize <= blockSize;
        boolean sparse2 = (features.compatible() & SPARSE_SUPER2) != 0;
        boolean meta = (features.incompatible() & META_BG) != 0;
        ExtLayout layout = new ExtLayout(blockSize, bytes / blockSize, superblock.getInt(0x14), superblock.getInt(0x20),
                wide ? Short.toUnsignedInt(superblock.getShort(0xFE)) : 32,
                valid ? (int) (((long) inodes * inodeSize + blockSize - 1) / blockSize) : 0,
                meta ? 0 : Short.toUnsignedInt(superblock.getShort(0xCE)), meta ? superblock.getInt(0x104) : Integer.MAX_VALUE,
                sparse2 ? Optional.of(new int[] {superblock.getInt(0x24C), superblock.getInt(0x250)}) : Optional.empty(),
                (features.readOnlyCompatible() & SPARSE_SUPER) != 0);
        return valid && layout.isSane() ? Optional.of(layout) : Optional.empty();
    }

    private boolean isSane() {
        return first == (blockSize == 1024 ? 1 : 0) && blocksPerGroup >= 256 && blocksPerGroup <= 8 * blockSize && blocks > first
                && (blocks - first - 1) / blocksPerGroup < MAX_GROUPS && descriptorSize >= 32 && descriptorSize <= 1024
                && Integer.bitCount(descriptorSize) == 1 && firstMetaGroup >= 0;
    }

    /** The number of groups. */
    int groups() {
        return (int) ((blocks - first - 1) / blocksPerGroup) + 1;
    }

    /** The first block of a group. */
    long start(int group) {
        return first + (long) group * blocksPerGroup;
    }

    /** The number of blocks of a group. */
    int length(int group) {
        return (int) Math.min(blocksPerGroup, blocks - start(group));
    }

    /** The number of descriptors in a block. */
    private int descriptorsPerBlock() {
        return blockSize / descriptorSize;
    }

    /** The offset of a group's descriptor, in bytes. */
    long descriptor(int group) {
        int number = group / descriptorsPerBlock();
        int home = number * descriptorsPerBlock();
        long block = number < firstMetaGroup ? first + 1L + number : start(home) + (hasSuperblock(home) ? 1 : 0);
        return block * blockSize + (long) (group % descriptorsPerBlock()) * descriptorSize;
    }

    /** Whether a group begins with the superblock or a copy of it. */
    private boolean hasSuperblock(int group) {
        if (group == 0) {
            return true;
        }
        if (backups.isPresent()) {
            return group == backups.get()[0] || group == backups.get()[1];
        }
        return !sparse || group == 1 || isPower(group, 3) || isPower(group, 5) || isPower(group, 7);
    }

    private static boolean isPower(int number, int base) {
        int rest = number;
        while (rest % base == 0) {
            rest /= base;
        }
        return rest == 1;
    }

    /** The number of blocks at the beginning of a group for the superblock, the descriptors, and the reserved blocks. */
    int head(int group) {
        int perBlock = descriptorsPerBlock();
        int copy = hasSuperblock(group) ? 1 : 0;
        int all = (groups() + perBlock - 1) / perBlock;
        if (group / perBlock < firstMetaGroup) {
            return copy == 0 ? 0 : 1 + Math.min(all, firstMetaGroup) + reservedBlocks;
        }
        int place = group % perBlock;
        return copy + (place == 0 || place == 1 || place == perBlock - 1 ? 1 : 0);
    }
}
