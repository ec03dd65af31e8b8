package org.example.piimages.daemon.image.disk;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * The parts of an image to be written to a disk: data, and zeros for holes. A hole reads as zeros, and files rely on that, so it is
 * skipped only where a filesystem marks the space as free.
 *
 * @param data the ranges to be copied, in ascending order
 * @param zeros the ranges to be zeroed, in ascending order
 * @param skipped the number of bytes that need not be written
 */
public record BlockMap(List<ByteRange> data, List<ByteRange> zeros, long skipped) {

    /** The least length of a range of its own, in bytes: smaller holes are copied like data, smaller free ranges are zeroed. */
    public static final long MIN_LENGTH = 1 << 20;
    public static final long BLOCK = 4096;

    /**
     * Returns the map of an image.
     *
     * @param size the size of the image, in bytes; what follows up to the end of the last sector is copied with it
     * @param data the ranges of the file that are not holes, in ascending order
     * @param free the ranges that filesystems do not use, in ascending order
     */
    public static BlockMap of(long size, List<ByteRange> data, List<ByteRange> free) {
        List<ByteRange> copied = widened(data, size);
        List<ByteRange> room = free.stream().filter(range -> range.length() >= MIN_LENGTH).toList();
        List<ByteRange> zeros = new ArrayList<>();
        long skipped = 0;
        for (ByteRange hole : gaps(copied, 0, size)) {
            List<ByteRange> unused = room.stream().map(range -> range.within(hole.start(), hole.end()))
                    .filter(range -> range.length() >= MIN_LENGTH).toList();
            skipped += total(unused);
            zeros.addAll(gaps(unused, hole.start(), hole.end()));
        }
        return new BlockMap(copied, zeros, skipped);
    }

    /**
     * Reduces the number of ranges by joining those that are close to each other; the gaps between them are then included.
     *
     * @param maximum the maximum number of ranges to return
     */
    public static List<ByteRange> joined(List<ByteRange> ranges, int maximum) {
        List<ByteRange> joined = ranges;
        for (long gap = MIN_LENGTH; joined.size() > maximum; gap *= 2) {
            joined = bridged(joined, gap);
        }
        return joined;
    }

    /** Widens ranges to whole blocks, at most up to {@code size}, and joins those less than {@link #MIN_LENGTH} bytes apart. */
    public static List<ByteRange> widened(List<ByteRange> ranges, long size) {
        return bridged(ranges.stream().map(range -> new ByteRange(range.start() / BLOCK * BLOCK,
                Math.min((range.end() + BLOCK - 1) / BLOCK * BLOCK, size))).toList(), MIN_LENGTH - 1);
    }

    /** Joins successive ranges that are at most {@code gap} bytes apart. */
    private static List<ByteRange> bridged(List<ByteRange> ranges, long gap) {
        List<ByteRange> joined = new ArrayList<>();
        for (ByteRange range : ranges) {
            ByteRange last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last != null && range.start() - last.end() <= gap) {
                joined.set(joined.size() - 1, new ByteRange(last.start(), Math.max(last.end(), range.end())));
            } else {
                joined.add(range);
            }
        }
        return joined;
    }

    /** Returns the gaps before, between and after the ranges, from one offset to another. */
    public static List<ByteRange> gaps(List<ByteRange> ranges, long from, long to) {
        List<ByteRange> gaps = new ArrayList<>();
        long at = from;
        for (ByteRange range : ranges) {
            if (range.start() > at) {
                gaps.add(new ByteRange(at, range.start()));
            }
            at = Math.max(at, range.end());
        }
        if (to > at) {
            gaps.add(new ByteRange(at, to));
        }
        return gaps;
    }

    /** Returns the part of the map from an offset on, with a range to be zeroed added at the end. */
    public BlockMap from(long offset, ByteRange tail) {
        List<ByteRange> rest = Stream.concat(zeros.stream(), Stream.of(tail)).map(range -> range.within(offset, Long.MAX_VALUE))
                .filter(range -> range.length() > 0).toList();
        List<ByteRange> copied = data.stream().map(range -> range.within(offset, Long.MAX_VALUE)).filter(range -> range.length() > 0)
                .toList();
        return new BlockMap(copied, rest, skipped);
    }

    /** The number of bytes that are copied or zeroed. */
    public long changedBytes() {
        return total(data) + total(zeros);
    }

    public static long total(Collection<ByteRange> ranges) {
        return ranges.stream().mapToLong(ByteRange::length).sum();
    }
}
