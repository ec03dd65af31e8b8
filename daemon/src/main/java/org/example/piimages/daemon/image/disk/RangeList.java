package org.example.piimages.daemon.image.disk;

import java.util.ArrayList;
import java.util.List;

/** Ranges in order, of which the small ones are left out when there are too many for our memory. */
public final class RangeList {

    /** More than the free room of a card is split into. */
    public static final int MOST = 1 << 17;

    private static final int PAGE = 4096;

    private final List<ByteRange> ranges = new ArrayList<>();
    private long least;

    /** Adds one, behind all others. */
    public void add(ByteRange range) {
        while (ranges.size() >= MOST) {
            least = Math.max(2 * least, PAGE);
            ranges.removeIf(small -> small.length() < least);
        }
        if (range.length() >= least) {
            ranges.add(range);
        }
    }

    /** Those there are; changes with the list. */
    public List<ByteRange> ranges() {
        return ranges;
    }
}
