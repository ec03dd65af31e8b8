package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A chunk of btrfs: a range of addresses, the pieces of the device that hold it, and how much of it is in use. */
final class BtrfsChunk {

    /** What is before the pieces of the device in an item of the tree of chunks, and the length of each of them. */
    static final int HEAD = 48;
    static final int STRIPE = 32;
    /** What chunks and block groups are for. */
    static final long USE = 0x7;
    private static final long DATA = 0x1;
    private static final long SINGLE = 0;
    private static final long DUPLICATE = 0x20;

    final long address;
    final long length;
    final long type;
    /** Where its copies are on the device. */
    final List<Long> stripes = new ArrayList<>();
    /** What is free in it: the first address, and the one behind the last, of each range in order. */
    final List<long[]> free = new ArrayList<>();
    /** By the extents. */
    long used;
    /** By the block group; -1 as long as there is none. */
    long stated = -1;

    private BtrfsChunk(long address, long length, long type) {
        this.address = address;
        this.length = length;
        this.type = type;
    }

    /** As the item says that begins there; empty where it is not what a filesystem on one device has. */
    static Optional<BtrfsChunk> of(ByteBuffer item, int at, long address, BtrfsSuperblock superblock) {
        if (item.capacity() - at < HEAD) {
            return Optional.empty();
        }
        BtrfsChunk chunk = new BtrfsChunk(address, item.getLong(at), item.getLong(at + 24));
        long profile = chunk.type & ~USE;
        int stripes = Short.toUnsignedInt(item.getShort(at + 44));
        boolean sane = address >= 0 && chunk.length > 0 && chunk.length <= superblock.size() && address <= Long.MAX_VALUE - chunk.length
                && (profile == SINGLE && stripes == 1 || profile == DUPLICATE && stripes == 2)
                && item.capacity() - at >= HEAD + stripes * STRIPE;
        for (int i = 0; sane && i < stripes; i++) {
            int stripe = at + HEAD + i * STRIPE;
            long offset = item.getLong(stripe + 8);
            sane = item.getLong(stripe) == superblock.device() && offset >= 0 && offset <= superblock.size() - chunk.length;
            chunk.stripes.add(offset);
        }
        return sane ? Optional.of(chunk) : Optional.empty();
    }

    long end() {
        return address + length;
    }

    /** How long its item is. */
    int itemLength() {
        return HEAD + stripes.size() * STRIPE;
    }

    boolean isSameAs(BtrfsChunk other) {
        return address == other.address && length == other.length && type == other.type && stripes.equals(other.stripes);
    }

    /** Whether it has data and nothing else; in the others, what the trees were before is kept. */
    boolean isData() {
        return (type & USE) == DATA;
    }
}
