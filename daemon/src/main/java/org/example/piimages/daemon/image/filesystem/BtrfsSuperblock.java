package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A btrfs superblock (struct btrfs_super_block in the kernel's include/uapi/linux/btrfs_tree.h) with a valid checksum and only known
 * features.
 *
 * @param fsid the filesystem ID in the header of each node
 * @param generation the generation of the root tree
 * @param chunkGeneration the generation of the chunk tree
 * @param root the address of the root tree
 * @param chunkRoot the address of the chunk tree
 * @param rootLevel the height of the root tree
 * @param chunkLevel the height of the chunk tree
 * @param used the bytes in use in all block groups
 * @param device the ID of the only device
 * @param size the size of the device, in bytes
 * @param allocated the bytes of the device that belong to chunks
 * @param nodeSize the size of a node, in bytes
 * @param hasBlockGroupTree whether block groups have their own tree instead of being in the extent tree
 * @param systemChunks the chunks that contain the chunk tree, each preceded by its key
 */
record BtrfsSuperblock(byte[] fsid, long generation, long chunkGeneration, long root, long chunkRoot, int rootLevel, int chunkLevel,
        long used, long device, long size, long allocated, int nodeSize, boolean hasBlockGroupTree, ByteBuffer systemChunks) {

    static final int ADDRESS = 1 << 16;
    static final int LENGTH = 4096;
    static final int CHECKSUM = 32;
    private static final int CRC32C = 0;
    private static final int WRITTEN = 1;
    private static final int SYSTEM_CHUNKS = 0x32B;
    private static final int MAX_SYSTEM_CHUNKS = 2048;
    private static final long METADATA_UUID = 0x400;
    /** The features of Linux up to 6.18, without those for several devices, zones, and others that change the meaning of the trees. */
    private static final long KNOWN_INCOMPATIBLE = 0x1077F;
    private static final long KNOWN_READ_ONLY_COMPATIBLE = 0xF;
    private static final long BLOCK_GROUP_TREE = 0x8;

    /** Whether there is a log tree: writes that are not in the other trees yet. */
    static boolean hasLog(ByteBuffer block) {
        return block.getLong(0x60) != 0;
    }

    /** Parses a superblock; empty if it is invalid or has unknown features. */
    static Optional<BtrfsSuperblock> of(ByteBuffer block) {
        int nodeSize = block.getInt(0x94);
        int chunks = block.getInt(0xA0);
        boolean valid = block.getLong(0x30) == ADDRESS && (block.getLong(0x38) & ~WRITTEN) == 0 && block.getLong(0x88) == 1
                && nodeSize >= 4096 && nodeSize <= 65536 && Integer.bitCount(nodeSize) == 1 && chunks > 0 && chunks <= MAX_SYSTEM_CHUNKS
                && block.getLong(0xD1) > 0;
        if (!valid || !isKnown(block) || !hasChecksum(block)) {
            return Optional.empty();
        }
        int fsid = (block.getLong(0xBC) & METADATA_UUID) != 0 ? 0x23B : 0x20;
        return Optional.of(new BtrfsSuperblock(Arrays.copyOfRange(block.array(), fsid, fsid + 16), block.getLong(0x48), block.getLong(0xA4),
                block.getLong(0x50), block.getLong(0x58), block.get(0xC6), block.get(0xC7), block.getLong(0x78), block.getLong(0xC9),
                block.getLong(0xD1), block.getLong(0xD9), nodeSize, (block.getLong(0xB4) & BLOCK_GROUP_TREE) != 0,
                block.slice(SYSTEM_CHUNKS, chunks).order(ByteOrder.LITTLE_ENDIAN)));
    }

    private static boolean isKnown(ByteBuffer block) {
        return block.getShort(0xC4) == CRC32C && (block.getLong(0xBC) & ~KNOWN_INCOMPATIBLE) == 0
                && (block.getLong(0xB4) & ~KNOWN_READ_ONLY_COMPATIBLE) == 0;
    }

    /** Whether the checksum at the beginning of a superblock or node is valid. */
    static boolean hasChecksum(ByteBuffer block) {
        CRC32C sum = new CRC32C();
        sum.update(block.array(), CHECKSUM, block.capacity() - CHECKSUM);
        return (int) sum.getValue() == block.getInt(0);
    }
}
