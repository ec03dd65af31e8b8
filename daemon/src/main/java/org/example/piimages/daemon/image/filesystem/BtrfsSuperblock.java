package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * What a superblock of btrfs says (struct btrfs_super_block in the kernel's include/uapi/linux/btrfs_tree.h); its checksum is right, and it
 * has nothing that is not known.
 *
 * @param fsid as in the header of each node
 * @param generation of the tree of roots
 * @param chunkGeneration of the tree of chunks
 * @param root where the tree of roots is
 * @param chunkRoot where the tree of chunks is
 * @param rootLevel the tree's height
 * @param chunkLevel the tree's height
 * @param used how many bytes all block groups have in use
 * @param device the number of the only device
 * @param size the device's, in bytes
 * @param allocated how many bytes of the device are in chunks
 * @param nodeSize in bytes
 * @param hasBlockGroupTree whether the block groups have a tree of their own, and are not among the extents
 * @param systemChunks the chunks in which the tree of chunks is, each behind its key
 */
record BtrfsSuperblock(byte[] fsid, long generation, long chunkGeneration, long root, long chunkRoot, int rootLevel, int chunkLevel,
        long used, long device, long size, long allocated, int nodeSize, boolean hasBlockGroupTree, ByteBuffer systemChunks) {

    static final int ADDRESS = 1 << 16;
    static final int LENGTH = 4096;
    static final int CHECKSUM = 32;
    private static final int CRC32C = 0;
    private static final int WRITTEN = 1;
    private static final int SYSTEM_CHUNKS = 0x32B;
    private static final int MOST_SYSTEM_CHUNKS = 2048;
    private static final long METADATA_UUID = 0x400;
    /** Up to Linux 6.18, without those for several devices, zones, and others in which the trees have another meaning. */
    private static final long KNOWN_INCOMPATIBLE = 0x1077F;
    private static final long KNOWN_READ_ONLY_COMPATIBLE = 0xF;
    private static final long BLOCK_GROUP_TREE = 0x8;

    /** Whether writes that are in none of the trees yet are in a log. */
    static boolean hasLog(ByteBuffer block) {
        return block.getLong(0x60) != 0;
    }

    /** Empty where there is anything in it that is not known. */
    static Optional<BtrfsSuperblock> of(ByteBuffer block) {
        int nodeSize = block.getInt(0x94);
        int chunks = block.getInt(0xA0);
        boolean sane = block.getLong(0x30) == ADDRESS && (block.getLong(0x38) & ~WRITTEN) == 0 && block.getLong(0x88) == 1
                && nodeSize >= 4096 && nodeSize <= 65536 && Integer.bitCount(nodeSize) == 1 && chunks > 0 && chunks <= MOST_SYSTEM_CHUNKS
                && block.getLong(0xD1) > 0;
        if (!sane || !isKnown(block) || !hasChecksum(block)) {
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

    /** Whether a superblock or a node begins with the checksum of what follows. */
    static boolean hasChecksum(ByteBuffer block) {
        CRC32C sum = new CRC32C();
        sum.update(block.array(), CHECKSUM, block.capacity() - CHECKSUM);
        return (int) sum.getValue() == block.getInt(0);
    }
}
