package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A chunk of btrfs: a range of addresses, the stripes of the device that hold it, and how much of it is in use. */
final class BtrfsChunk {

    /** The length of an item of the chunk tree without its stripes, and the length of each stripe. */
    static final int FIXED_LENGTH = 48;
    static final int STRIPE = 32;
    /** The type bits for the use of chunks and block groups: data, system, metadata. */
    static final long USE = 0x7;
    private static final long DATA = 0x1;
    private static final long SINGLE = 0;
    private static final long DUPLICATE = 0x20;

    final long address;
    final long length;
    final long type;
    /** The offsets of its copies on the device, in bytes. */
    final List<Long> stripes = new ArrayList<>();
    /** The free ranges in order: the first address of each, and the address after its end. */
    final List<long[]> free = new ArrayList<>();
    /** The bytes in use, according to the extents. */
    long used;
    /** The bytes in use, according to the block group; -1 until that is read. */
    long recordedUse = -1;

    private BtrfsChunk(long address, long length, long type) {
        this.address = address;
        this.length = length;
        this.type = type;
    }

    /** Parses the chunk item at {@code at}; empty if a filesystem on one device cannot have such a chunk. */
    static Optional<BtrfsChunk> of(ByteBuffer item, int at, long address, BtrfsSuperblock superblock) {
        if (item.capacity() - at < FIXED_LENGTH) {
            return Optional.empty();
        }
        BtrfsChunk chunk = new BtrfsChunk(address, item.getLong(at), item.getLong(at + 24));
        long profile = chunk.type & ~USE;
        int stripes = Short.toUnsignedInt(item.getShort(at + 44));
        boolean valid = address >= 0 && chunk.length > 0 && chunk.length <= superblock.size() && address <= Long.MAX_VALUE - chunk.length
                && (profile == SINGLE && stripes == 1 || profile == DUPLICATE && stripes == 2)
                && item.capacity() - at >= FIXED_LENGTH + stripes * STRIPE;
        for (int i = 0; valid && i < stripes; i++) {
            int stripe = at + FIXED_LENGTH + i * STRIPE;
            long offset = item.getLong(stripe + 8);
            valid = item.getLong(stripe) == superblock.device() && offset >= 0 && offset <= superblock.size() - chunk.length;
            chunk.stripes.add(offset);
        }
        return valid ? Optional.of(chunk) : Optional.empty();
    }

    long end() {
        return address + length;
    }

    /** The length of its item, in bytes. */
    int itemLength() {
        return FIXED_LENGTH + stripes.size() * STRIPE;
    }

    boolean isSameAs(BtrfsChunk other) {
        return address == other.address && length == other.length && type == other.type && stripes.equals(other.stripes);
    }

    /** Whether it contains only data; in the other chunks the previous versions of the trees are preserved. */
    boolean isData() {
        return (type & USE) == DATA;
    }
}
