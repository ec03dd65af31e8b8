package org.example.piimages.daemon.image.disk;

/**
 * Some bytes in a row.
 *
 * @param start the first one's offset
 * @param end the offset behind the last one, not before the start
 */
public record ByteRange(long start, long end) {

    public long length() {
        return end - start;
    }

    /** What of it lies between two offsets; empty, at an offset of no meaning, where nothing does. */
    public ByteRange within(long from, long to) {
        long first = Math.max(start, from);
        return new ByteRange(first, Math.max(first, Math.min(end, to)));
    }
}
