package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The unused space of a btrfs on a single device: what is in no chunk and, in the chunks for data, what is in no extent. Chunks for
 * metadata count as used as a whole, so that the trees of previous transactions remain for a repair. The sum of the extents of each chunk
 * must match its block group, and the sum of all of them the superblock.
 */
final class BtrfsSpace {

    private static final String UNSUPPORTED = "the layout of the filesystem is not supported";
    private static final int MAX_CHUNKS = 1 << 13;
    /** The beginning of the device is for boot loaders and the superblock; copies of it are at the other offsets, in any chunk. */
    private static final long[][] RESERVED = {{0, 1 << 20}, {64L << 20, (64L << 20) + (1 << 16)}, {256L << 30, (256L << 30) + (1 << 16)}};
    /** The lower bound for the length of a reported range in a chunk, in bytes, as each range takes memory. */
    private static final long MIN_LENGTH = 1 << 16;
    private static final int MAX_RANGES = 1 << 17;

    private static final long ROOTS = 1;
    private static final long EXTENTS = 2;
    private static final long CHUNKS = 3;
    private static final long BLOCK_GROUPS = 11;
    private static final int ROOT_ITEM = 132;
    private static final int ROOT_ITEM_LENGTH = 239;
    private static final int EXTENT_ITEM = 168;
    private static final int METADATA_ITEM = 169;
    private static final List<Integer> REFERENCES = List.of(172, 176, 178, 182, 184);
    private static final int BLOCK_GROUP_ITEM = 192;
    private static final int DEVICE_ITEM = 216;
    private static final int CHUNK_ITEM = 228;

    /** A stripe of the device that belongs to a chunk. */
    private record Stripe(long offset, BtrfsChunk chunk) {
    }

    private final BtrfsSuperblock superblock;
    private final BtrfsTree system;
    private final BtrfsTree tree;
    private final UnusedRanges ranges;
    private final long minimum;
    /** The stripes of all chunks, in the order of the device. */
    private final List<Stripe> stripes = new ArrayList<>();
    private Iterator<BtrfsChunk> following;
    private BtrfsChunk current;
    /** The end of the last extent, or else the start of the chunk. */
    private long at;

    private BtrfsSpace(PartitionBytes partition, BtrfsSuperblock superblock, UnusedRanges ranges) {
        this.superblock = superblock;
        this.system = new BtrfsTree(partition, superblock);
        this.tree = new BtrfsTree(partition, superblock);
        this.ranges = ranges;
        this.minimum = Math.max(MIN_LENGTH, superblock.size() / MAX_RANGES);
    }

    /** Like {@link UnusedSpace#report}; the filesystem must lie in the partition. */
    static Optional<String> report(PartitionBytes partition, UnusedRanges ranges) {
        ByteBuffer block = partition.read(BtrfsSuperblock.ADDRESS, BtrfsSuperblock.LENGTH).orElseThrow();
        if (BtrfsSuperblock.hasLog(block)) {
            return Optional.of("the filesystem was not unmounted cleanly");
        }
        Optional<BtrfsSpace> space = BtrfsSuperblock.of(block).map(known -> new BtrfsSpace(partition, known, ranges));
        if (space.isEmpty() || !space.get().readChunks()) {
            return Optional.of(UNSUPPORTED);
        }
        // First check that stripes do not overlap: this bounds the free ranges between extents by the size of the device.
        if (!space.get().sortStripes() || !space.get().readExtents()) {
            return Optional.of("its trees contradict each other");
        }
        space.get().report();
        return Optional.empty();
    }

    private boolean readChunks() {
        ByteBuffer array = superblock.systemChunks();
        int position = 0;
        while (position < array.capacity()) {
            if (array.capacity() - position < BtrfsTree.Key.LENGTH) {
                return false;
            }
            BtrfsTree.Key key = BtrfsTree.Key.at(array, position);
            position += BtrfsTree.Key.LENGTH;
            Optional<BtrfsChunk> chunk = BtrfsChunk.of(array, position, key.offset(), superblock).filter(system::add);
            if (key.type() != CHUNK_ITEM || chunk.isEmpty()) {
                return false;
            }
            position += chunk.get().itemLength();
        }
        return system.walk(new BtrfsTree.Pointer(CHUNKS, superblock.chunkRoot(), superblock.chunkGeneration(), superblock.chunkLevel()),
                this::visitChunk) && system.chunks().values().stream().allMatch(this::isInTree);
    }

    private boolean isInTree(BtrfsChunk chunk) {
        BtrfsChunk same = tree.chunks().get(chunk.address);
        return same != null && same.isSameAs(chunk);
    }

    private boolean visitChunk(BtrfsTree.Key key, ByteBuffer data) {
        return key.type() == DEVICE_ITEM && key.offset() == superblock.device() || key.type() == CHUNK_ITEM
                && tree.chunks().size() < MAX_CHUNKS
                && BtrfsChunk.of(data, 0, key.offset(), superblock).filter(tree::add).isPresent();
    }

    private boolean readExtents() {
        Map<Long, BtrfsTree.Pointer> roots = new HashMap<>();
        boolean valid = tree.walk(new BtrfsTree.Pointer(ROOTS, superblock.root(), superblock.generation(), superblock.rootLevel()),
                (key, data) -> visitRoot(key, data, roots));
        BtrfsTree.Pointer extents = roots.get(EXTENTS);
        BtrfsTree.Pointer groups = roots.get(BLOCK_GROUPS);
        if (!valid || extents == null || superblock.hasBlockGroupTree() != (groups != null)) {
            return false;
        }
        following = tree.chunks().values().iterator();
        valid = tree.walk(extents, this::visitExtent) && (groups == null || tree.walk(groups, this::visitGroup));
        advance(Long.MAX_VALUE);
        return valid && tree.chunks().values().stream().allMatch(chunk -> chunk.used == chunk.recordedUse)
                && tree.chunks().values().stream().mapToLong(chunk -> chunk.used).sum() == superblock.used();
    }

    private static boolean visitRoot(BtrfsTree.Key key, ByteBuffer data, Map<Long, BtrfsTree.Pointer> roots) {
        if (key.type() == ROOT_ITEM && (key.object() == EXTENTS || key.object() == BLOCK_GROUPS)) {
            return data.capacity() >= ROOT_ITEM_LENGTH && roots.put(key.object(),
                    new BtrfsTree.Pointer(key.object(), data.getLong(176), data.getLong(160), data.get(238))) == null;
        }
        return true;
    }

    private boolean visitExtent(BtrfsTree.Key key, ByteBuffer data) {
        return switch (key.type()) {
            case EXTENT_ITEM -> countExtent(key.object(), key.offset());
            case METADATA_ITEM -> countExtent(key.object(), superblock.nodeSize());
            case BLOCK_GROUP_ITEM -> visitGroup(key, data);
            default -> REFERENCES.contains(key.type());
        };
    }

    private boolean visitGroup(BtrfsTree.Key key, ByteBuffer data) {
        BtrfsChunk chunk = tree.chunks().get(key.object());
        if (key.type() != BLOCK_GROUP_ITEM || chunk == null || chunk.length != key.offset() || chunk.recordedUse >= 0
                || data.capacity() < 24
                || (data.getLong(16) & BtrfsChunk.USE) != (chunk.type & BtrfsChunk.USE)) {
            return false;
        }
        chunk.recordedUse = data.getLong(0);
        return true;
    }

    /** Counts an extent; false if it does not follow the previous one or lies in no chunk. */
    private boolean countExtent(long start, long length) {
        if (start < 0 || length <= 0 || start > Long.MAX_VALUE - length) {
            return false;
        }
        advance(start);
        if (current == null || start < at || start + length > current.end()) {
            return false;
        }
        free(start);
        at = start + length;
        current.used += length;
        return true;
    }

    /** Advances to the first chunk that ends after an address. */
    private void advance(long address) {
        while (following.hasNext() || current != null) {
            if (current != null && current.end() > address) {
                return;
            }
            if (current != null) {
                free(current.end());
            }
            current = following.hasNext() ? following.next() : null;
            at = current == null ? 0 : current.address;
        }
    }

    private void free(long end) {
        if (end - at >= minimum && current.isData()) {
            current.free.add(new long[] {at, end});
        }
    }

    /** Sorts the stripes; false if they overlap, or do not add up to the allocated bytes of the device. */
    private boolean sortStripes() {
        tree.chunks().values().forEach(chunk -> chunk.stripes.forEach(offset -> stripes.add(new Stripe(offset, chunk))));
        stripes.sort(Comparator.comparingLong(Stripe::offset));
        long position = 0;
        for (Stripe stripe : stripes) {
            if (stripe.offset() < position) {
                return false;
            }
            position = stripe.offset() + stripe.chunk().length;
        }
        return stripes.stream().mapToLong(stripe -> stripe.chunk().length).sum() == superblock.allocated();
    }

    private void report() {
        long position = 0;
        for (Stripe stripe : stripes) {
            add(position, stripe.offset());
            long shift = stripe.offset() - stripe.chunk().address;
            stripe.chunk().free.forEach(range -> add(range[0] + shift, range[1] + shift));
            position = stripe.offset() + stripe.chunk().length;
        }
        add(position, superblock.size());
    }

    /** Reports a range on the device except for the areas of the superblocks. */
    private void add(long start, long end) {
        long from = start;
        for (long[] reserved : RESERVED) {
            long before = Math.min(end, reserved[0]);
            if (before > from) {
                ranges.add(from, before - from);
            }
            from = Math.max(from, Math.min(end, reserved[1]));
        }
        if (end > from) {
            ranges.add(from, end - from);
        }
    }
}
