package org.example.piimages.daemon.image.disk;

import java.util.ArrayList;
import java.util.List;

/** A list of ranges in ascending order that drops the smallest ones when there are too many, to bound its memory. */
public final class RangeList {

    /** The maximum number of ranges: more than the free space of a card is split into. */
    public static final int MAX_RANGES = 1 << 17;

    private static final int PAGE = 4096;

    private final List<ByteRange> ranges = new ArrayList<>();
    private long minLength;

    /** Adds a range after all others; it may be dropped if it is small. */
    public void add(ByteRange range) {
        while (ranges.size() >= MAX_RANGES) {
            minLength = Math.max(2 * minLength, PAGE);
            ranges.removeIf(small -> small.length() < minLength);
        }
        if (range.length() >= minLength) {
            ranges.add(range);
        }
    }

    /** The ranges as a live view. */
    public List<ByteRange> ranges() {
        return ranges;
    }
}
