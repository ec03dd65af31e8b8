package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * Reads the trees of a btrfs (struct btrfs_header and following, in the kernel's include/uapi/linux/btrfs_tree.h). Each node must be the
 * expected one by checksum, filesystem, address, generation, tree and level, and the keys must be in ascending order: therefore no node is
 * read twice, and every walk ends.
 */
final class BtrfsTree {

    /** Accepts the items of a tree. */
    @FunctionalInterface
    interface Visitor {
        /** Visits an item and its data; returns false if it is invalid. */
        boolean visit(Key key, ByteBuffer data);
    }

    /** The key of an item; all three numbers are unsigned. */
    record Key(long object, int type, long offset) implements Comparable<Key> {

        static final int LENGTH = 17;

        static Key at(ByteBuffer bytes, int at) {
            return new Key(bytes.getLong(at), bytes.get(at + 8) & 0xFF, bytes.getLong(at + 9));
        }

        @Override
        public int compareTo(Key other) {
            int objects = Long.compareUnsigned(object, other.object);
            int types = Integer.compare(type, other.type);
            return objects != 0 ? objects : types != 0 ? types : Long.compareUnsigned(offset, other.offset);
        }
    }

    /** A pointer to a node: its tree, address, generation and level. */
    record Pointer(long tree, long address, long generation, int level) {
    }

    private static final int HEADER = 101;
    private static final int ITEM = Key.LENGTH + 8;
    private static final int POINTER = Key.LENGTH + 16;
    private static final int MAX_LEVELS = 8;
    /** More nodes than the trees of a 1 TB disk with small files have. */
    private static final int MAX_NODES = 1 << 16;

    private final PartitionBytes partition;
    private final BtrfsSuperblock superblock;
    private final NavigableMap<Long, BtrfsChunk> chunks = new TreeMap<>();
    private int nodes;
    private Key last;

    BtrfsTree(PartitionBytes partition, BtrfsSuperblock superblock) {
        this.partition = partition;
        this.superblock = superblock;
    }

    /** The known chunks by address. */
    NavigableMap<Long, BtrfsChunk> chunks() {
        return chunks;
    }

    /** Adds a chunk; false if it overlaps another one. */
    boolean add(BtrfsChunk chunk) {
        Long before = chunks.lowerKey(chunk.end());
        return (before == null || chunks.get(before).end() <= chunk.address) && chunks.put(chunk.address, chunk) == null;
    }

    /** Visits all items of a tree in order; returns whether all of them are valid. */
    boolean walk(Pointer root, Visitor visitor) {
        last = null;
        return root.level() >= 0 && root.level() < MAX_LEVELS && walkNode(root, visitor);
    }

    private boolean walkNode(Pointer pointer, Visitor visitor) {
        Optional<ByteBuffer> read = node(pointer);
        if (read.isEmpty()) {
            return false;
        }
        ByteBuffer node = read.get();
        int count = node.getInt(0x60);
        int size = pointer.level() == 0 ? ITEM : POINTER;
        boolean valid = count > 0 && count <= (node.capacity() - HEADER) / size;
        for (int i = 0; valid && i < count; i++) {
            int at = HEADER + i * size;
            valid = pointer.level() == 0 ? visitItem(node, at, HEADER + count * size, visitor)
                    : walkNode(new Pointer(pointer.tree(), node.getLong(at + Key.LENGTH), node.getLong(at + Key.LENGTH + 8),
                            pointer.level() - 1), visitor);
        }
        return valid;
    }

    /** Visits an item of a leaf, whose data must follow all items. */
    private boolean visitItem(ByteBuffer leaf, int at, int behindItems, Visitor visitor) {
        Key key = Key.at(leaf, at);
        long start = HEADER + Integer.toUnsignedLong(leaf.getInt(at + Key.LENGTH));
        long length = Integer.toUnsignedLong(leaf.getInt(at + Key.LENGTH + 4));
        if (last != null && key.compareTo(last) <= 0 || start < behindItems || start + length > leaf.capacity()) {
            return false;
        }
        last = key;
        return visitor.visit(key, leaf.slice((int) start, (int) length).order(ByteOrder.LITTLE_ENDIAN));
    }

    private Optional<ByteBuffer> node(Pointer pointer) {
        nodes++;
        long length = superblock.nodeSize();
        Long address = chunks.floorKey(pointer.address());
        if (nodes > MAX_NODES || address == null || pointer.address() > chunks.get(address).end() - length) {
            return Optional.empty();
        }
        long place = chunks.get(address).stripes.get(0) + pointer.address() - address;
        return partition.read(place, superblock.nodeSize()).filter(node -> isExpected(node, pointer));
    }

    private boolean isExpected(ByteBuffer node, Pointer pointer) {
        return BtrfsSuperblock.hasChecksum(node) && node.getLong(0x30) == pointer.address()
                && node.getLong(0x50) == pointer.generation() && node.getLong(0x58) == pointer.tree()
                && node.get(0x64) == pointer.level() && Arrays.equals(node.array(), 0x20, 0x30, superblock.fsid(), 0, 16);
    }
}
