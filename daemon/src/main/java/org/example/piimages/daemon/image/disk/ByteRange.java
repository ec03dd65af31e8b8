package org.example.piimages.daemon.image.disk;

/**
 * A contiguous range of bytes.
 *
 * @param start the offset of the first byte
 * @param end the offset after the last byte; not less than the start
 */
public record ByteRange(long start, long end) {

    public long length() {
        return end - start;
    }

    /** Returns the intersection with the range between two offsets; if there is none, an empty range at an unspecified offset. */
    public ByteRange within(long from, long to) {
        long first = Math.max(start, from);
        return new ByteRange(first, Math.max(first, Math.min(end, to)));
    }
}
