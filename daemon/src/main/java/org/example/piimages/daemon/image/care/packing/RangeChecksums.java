package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.daemon.image.disk.ByteRange;

/** Computes the checksums of ranges of a sequence of bytes. */
final class RangeChecksums implements Closeable {

    /** Creates the checksum of a range. */
    @FunctionalInterface
    interface Begin {
        ByteChecksum of(ByteRange range) throws IOException;
    }

    private final List<ByteRange> ranges;
    private final Begin begin;
    private final List<String> sums = new ArrayList<>();
    /** The checksum of the current range; null between ranges. */
    private ByteChecksum sum;
    private long position;

    /**
     * Creates the checksums.
     *
     * @param ranges the ranges, in ascending order; none is empty
     */
    RangeChecksums(List<ByteRange> ranges, Begin begin) {
        this.ranges = ranges;
        this.begin = begin;
    }

    /** Adds the first {@code count} bytes of the array. */
    void pass(byte[] bytes, int count) throws IOException {
        int done = 0;
        while (done < count && sums.size() < ranges.size()) {
            ByteRange range = ranges.get(sums.size());
            int before = (int) Math.min(Math.max(range.start() - position, 0), count - done);
            int within = (int) Math.min(range.end() - position - before, count - done - before);
            pass(range, bytes, done + before, within);
            done += before + within;
            position += before + within;
            if (position == range.end()) {
                sums.add(sum.digest());
                close();
            }
        }
        position += count - done;
    }

    private void pass(ByteRange range, byte[] bytes, int from, int count) throws IOException {
        if (count > 0) {
            if (sum == null) {
                sum = begin.of(range);
            }
            sum.update(bytes, from, count);
        }
    }

    /** The checksums of the ranges that are complete, in order. */
    List<String> sums() {
        return sums;
    }

    @Override
    public void close() throws IOException {
        if (sum != null) {
            sum.close();
            sum = null;
        }
    }
}
