package org.example.piimages.daemon.image.filesystem;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.PartitionBytes;

/**
 * The free blocks of an ext filesystem, according to the bitmaps of its groups. An uninitialized bitmap is not read: only the blocks that
 * the layout reserves are in use in such a group, as for libext2fs (mark_uninit_bg_group_blocks in lib/ext2fs/rw_bitmaps.c). The number of
 * free blocks must match the group's descriptor.
 */
final class ExtBitmaps {

    private static final int VALID = 1;
    private static final int ERRORS = 2;
    private static final int BIGALLOC = 0x200;
    /** The features of Linux up to 6.12; others may change the meaning of the bitmaps. */
    private static final int KNOWN_INCOMPATIBLE = 0x1F7D7;
    private static final int KNOWN_READ_ONLY_COMPATIBLE = 0x17FFF;
    /** gdt_csum or metadata_csum: without them all bitmaps are initialized. */
    private static final int CHECKSUMS = 0x10 | 0x400;
    private static final int UNINITIALIZED = 2;
    private static final int WIDE = 64;
    private static final String CONTRADICTION = "its bitmaps contradict its descriptors";

    /** A group: the block number of its bitmap, whether that is uninitialized, and the number of free blocks. */
    private record Group(long bitmap, boolean isUninitialized, int free) {
    }

    private final PartitionBytes partition;
    private final ExtLayout layout;
    private final boolean hasChecksums;
    private final Group[] groups;
    /** The first blocks of the bitmaps and of the inode tables of all groups, sorted. */
    private final long[] bitmaps;
    private final long[] tables;

    private ExtBitmaps(PartitionBytes partition, ExtLayout layout, boolean hasChecksums) {
        this.partition = partition;
        this.layout = layout;
        this.hasChecksums = hasChecksums;
        this.groups = new Group[layout.groups()];
        this.bitmaps = new long[2 * groups.length];
        this.tables = new long[groups.length];
    }

    /** Like {@link UnusedSpace#report}; the filesystem must lie in the partition. */
    static Optional<String> report(PartitionBytes partition, Filesystem filesystem, UnusedRanges ranges) {
        ExtFeatures features = filesystem.extFeatures().orElseThrow();
        ByteBuffer superblock = partition.read(1024, 1024).orElseThrow();
        if (filesystem.needsRecovery() || (superblock.getShort(0x3A) & (VALID | ERRORS)) != VALID) {
            return Optional.of("the filesystem was not unmounted cleanly");
        }
        Optional<ExtLayout> layout = ExtLayout.of(superblock, features, filesystem.size());
        boolean isKnown = (features.incompatible() & ~KNOWN_INCOMPATIBLE) == 0
                && (features.readOnlyCompatible() & ~KNOWN_READ_ONLY_COMPATIBLE) == 0;
        if (!isKnown || (features.readOnlyCompatible() & BIGALLOC) != 0 || layout.isEmpty()) {
            return Optional.of("the layout of the filesystem is not supported");
        }
        ExtBitmaps bitmaps = new ExtBitmaps(partition, layout.get(), (features.readOnlyCompatible() & CHECKSUMS) != 0);
        return bitmaps.readDescriptors() && bitmaps.report(ranges) ? Optional.empty() : Optional.of(CONTRADICTION);
    }

    /** Reads the group descriptors; false if they lie outside of the partition, or the bitmaps outside of the filesystem. */
    private boolean readDescriptors() {
        for (int number = 0; number < groups.length; number++) {
            Optional<ByteBuffer> read = partition.read(layout.descriptor(number), layout.descriptorSize());
            if (read.isEmpty()) {
                return false;
            }
            ByteBuffer descriptor = read.get();
            long bitmap = number(descriptor, 0x0, 0x20);
            boolean uninitialized = hasChecksums && (descriptor.getShort(0x12) & UNINITIALIZED) != 0;
            int free = Short.toUnsignedInt(descriptor.getShort(0xC))
                    | (layout.descriptorSize() >= WIDE ? Short.toUnsignedInt(descriptor.getShort(0x2C)) << 16 : 0);
            groups[number] = new Group(bitmap, uninitialized, free);
            bitmaps[2 * number] = bitmap;
            bitmaps[2 * number + 1] = number(descriptor, 0x4, 0x24);
            tables[number] = number(descriptor, 0x8, 0x28);
        }
        Arrays.sort(bitmaps);
        Arrays.sort(tables);
        return bitmaps[0] > 0 && bitmaps[bitmaps.length - 1] < layout.blocks();
    }

    private long number(ByteBuffer descriptor, int low, int high) {
        long upper = layout.descriptorSize() >= WIDE ? Integer.toUnsignedLong(descriptor.getInt(high)) << 32 : 0;
        return upper | Integer.toUnsignedLong(descriptor.getInt(low));
    }

    /** Reports the free blocks; false if a bitmap cannot be read or contradicts its descriptor. */
    private boolean report(UnusedRanges ranges) {
        for (int number = 0; number < groups.length; number++) {
            int length = layout.length(number);
            Optional<BitSet> used = groups[number].isUninitialized() ? Optional.of(layoutOf(number)) : bitmap(number);
            if (used.isEmpty() || length - used.get().get(0, length).cardinality() != groups[number].free()) {
                return false;
            }
            report(used.get(), layout.start(number), length, ranges);
        }
        return true;
    }

    private void report(BitSet used, long start, int length, UnusedRanges ranges) {
        for (int at = used.nextClearBit(0); at < length;) {
            int next = used.nextSetBit(at);
            int end = next < 0 ? length : Math.min(next, length);
            ranges.add((start + at) * layout.blockSize(), (long) (end - at) * layout.blockSize());
            at = used.nextClearBit(end);
        }
    }

    private Optional<BitSet> bitmap(int number) {
        return partition.read(groups[number].bitmap() * layout.blockSize(), (layout.length(number) + 7) / 8).map(BitSet::valueOf);
    }

    /** Returns the blocks in use in a group with an uninitialized bitmap. */
    private BitSet layoutOf(int number) {
        BitSet used = new BitSet();
        used.set(0, layout.head(number));
        long start = layout.start(number);
        long end = start + layout.length(number);
        mark(used, bitmaps, 1, start, end);
        mark(used, tables, layout.inodeTableBlocks(), start, end);
        return used;
    }

    /** Marks the parts of areas of equal length that lie in a group. */
    private static void mark(BitSet used, long[] pieces, int length, long start, long end) {
        int found = Arrays.binarySearch(pieces, start - length + 1);
        int index = found < 0 ? -found - 1 : found;
        // Any of several equal elements may be found; they mark the same blocks.
        for (; index < pieces.length && pieces[index] < end; index++) {
            used.set((int) (Math.max(pieces[index], start) - start), (int) (Math.min(pieces[index] + length, end) - start));
        }
    }
}
