package org.example.piimages.daemon.image.disk;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * What of an image has to be put on a disk: its data, and zeros where it has holes. A hole reads as zeros, and files rely on that, so it is
 * skipped only where a filesystem says that nothing is there.
 *
 * @param data what is to be copied, in order
 * @param zeros what is to be zeroed, in order
 * @param skipped how many bytes need not be touched
 */
public record BlockMap(List<ByteRange> data, List<ByteRange> zeros, long skipped) {

    /** Less than this is not worth a stop: holes are copied with the data around them, free room is zeroed with the hole around it. */
    public static final long LEAST = 1 << 20;
    public static final long BLOCK = 4096;

    /**
     * The map of an image.
     *
     * @param size the image's, in bytes; what follows up to the end of the last sector is copied with it
     * @param data what is not in a hole of the file, in order
     * @param free what filesystems do not use, in order
     */
    public static BlockMap of(long size, List<ByteRange> data, List<ByteRange> free) {
        List<ByteRange> copied = widened(data, size);
        List<ByteRange> room = free.stream().filter(range -> range.length() >= LEAST).toList();
        List<ByteRange> zeros = new ArrayList<>();
        long skipped = 0;
        for (ByteRange hole : between(copied, 0, size)) {
            List<ByteRange> unused = room.stream().map(range -> range.within(hole.start(), hole.end()))
                    .filter(range -> range.length() >= LEAST).toList();
            skipped += total(unused);
            zeros.addAll(between(unused, hole.start(), hole.end()));
        }
        return new BlockMap(copied, zeros, skipped);
    }

    /**
     * The same in fewer ranges, with what lies between those that are close to each other.
     *
     * @param most how many there may be
     */
    public static List<ByteRange> joined(List<ByteRange> ranges, int most) {
        List<ByteRange> joined = ranges;
        for (long gap = LEAST; joined.size() > most; gap *= 2) {
            joined = bridged(joined, gap);
        }
        return joined;
    }

    /** To whole blocks, which do not overlap then, and with what lies between when that is little. */
    public static List<ByteRange> widened(List<ByteRange> ranges, long size) {
        return bridged(ranges.stream().map(range -> new ByteRange(range.start() / BLOCK * BLOCK,
                Math.min((range.end() + BLOCK - 1) / BLOCK * BLOCK, size))).toList(), LEAST - 1);
    }

    /** With what lies between two of them when that is no more than the gap. */
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

    /** What lies between the ranges, and before and behind them, from one offset to another. */
    public static List<ByteRange> between(List<ByteRange> ranges, long from, long to) {
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

    /** The part from an offset on, with one more range to be zeroed behind all others. */
    public BlockMap from(long offset, ByteRange tail) {
        List<ByteRange> rest = Stream.concat(zeros.stream(), Stream.of(tail)).map(range -> range.within(offset, Long.MAX_VALUE))
                .filter(range -> range.length() > 0).toList();
        List<ByteRange> copied = data.stream().map(range -> range.within(offset, Long.MAX_VALUE)).filter(range -> range.length() > 0)
                .toList();
        return new BlockMap(copied, rest, skipped);
    }

    /** How many bytes are copied or zeroed. */
    public long touched() {
        return total(data) + total(zeros);
    }

    public static long total(Collection<ByteRange> ranges) {
        return ranges.stream().mapToLong(ByteRange::length).sum();
    }
}
