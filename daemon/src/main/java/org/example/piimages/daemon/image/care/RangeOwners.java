package org.example.piimages.daemon.image.care;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Whose the bytes of a range in a partition are, as far as that is known. */
public final class RangeOwners {

    /** More are not kept. */
    public static final int MOST = 8;
    /** There is more than is told. */
    public static final String OTHERS = "others";

    private final long offset;
    private final long length;
    private final Set<String> names = new LinkedHashSet<>();
    private boolean isIncomplete;

    /** Of a range, from the beginning of the partition. */
    public RangeOwners(long offset, long length) {
        this.offset = offset;
        this.length = length;
    }

    public long offset() {
        return offset;
    }

    public long end() {
        return offset + length;
    }

    /** A piece of the partition is somebody's. */
    public void take(long pieceOffset, long pieceLength, String name) {
        if (pieceOffset < end() && offset < pieceOffset + pieceLength) {
            add(name);
        }
    }

    public void add(String name) {
        if (names.size() < MOST) {
            names.add(name);
        } else if (!names.contains(name)) {
            isIncomplete = true;
        }
    }

    public void addIfNone(String name) {
        if (names.isEmpty()) {
            names.add(name);
        }
    }

    /** There are bytes that nobody looked at. */
    public void addOthers() {
        isIncomplete = true;
    }

    /** Paths, which begin with a slash, and other words. */
    public List<String> names() {
        List<String> all = new ArrayList<>(names);
        if (isIncomplete && !all.isEmpty()) {
            all.add(OTHERS);
        }
        return all;
    }
}
