package org.example.piimages.daemon.image.care.packing;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.daemon.image.disk.ByteRange;

/** The checksum of each of some ranges of bytes that pass by. */
final class RangeSums implements Closeable {

    /** Begins the checksum of a range. */
    @FunctionalInterface
    interface Begin {
        ByteSum of(ByteRange range) throws IOException;
    }

    private final List<ByteRange> ranges;
    private final Begin begin;
    private final List<String> sums = new ArrayList<>();
    /** Of the range that passes by; null between them. */
    private ByteSum sum;
    private long position;

    /** Of these, in order; none of them is empty. */
    RangeSums(List<ByteRange> ranges, Begin begin) {
        this.ranges = ranges;
        this.begin = begin;
    }

    /** Takes the next bytes: so many of the array. */
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
                sums.add(sum.end());
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
            sum.pass(bytes, from, count);
        }
    }

    /** Of each range that has passed by. */
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
