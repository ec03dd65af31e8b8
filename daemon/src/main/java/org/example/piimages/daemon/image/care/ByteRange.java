package org.example.piimages.daemon.image.care;

/**
 * Some bytes in a row.
 *
 * @param start the first one's offset
 * @param end the offset behind the last one, not before the start
 */
record ByteRange(long start, long end) {

    long length() {
        return end - start;
    }

    /** What of it lies between two offsets; empty, at an offset of no meaning, where nothing does. */
    ByteRange within(long from, long to) {
        long first = Math.max(start, from);
        return new ByteRange(first, Math.max(first, Math.min(end, to)));
    }
}
