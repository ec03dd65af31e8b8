package org.example.piimages.daemon.image.care;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The files and structures to which the bytes of a range in a partition belong, as far as known. */
public final class RangeOwners {

    /** The maximum number of names that are kept. */
    public static final int MAX_NAMES = 8;
    /** The last name if the list is incomplete. */
    public static final String OTHERS = "others";

    private final long offset;
    private final long length;
    private final Set<String> names = new LinkedHashSet<>();
    private boolean isIncomplete;

    /**
     * Creates an empty list of owners.
     *
     * @param offset the first byte of the range, relative to the start of the partition
     * @param length the length of the range, in bytes
     */
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

    /** Adds the name if a piece of the partition that belongs to it overlaps the range. */
    public void addIfOverlapping(long pieceOffset, long pieceLength, String name) {
        if (pieceOffset < end() && offset < pieceOffset + pieceLength) {
            add(name);
        }
    }

    public void add(String name) {
        if (names.size() < MAX_NAMES) {
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

    /** Marks the list as incomplete, because some bytes were not examined. */
    public void addOthers() {
        isIncomplete = true;
    }

    /** The names: paths, which begin with a slash, and descriptions of structures. {@link #OTHERS} is last if the list is incomplete. */
    public List<String> names() {
        List<String> all = new ArrayList<>(names);
        if (isIncomplete && !all.isEmpty()) {
            all.add(OTHERS);
        }
        return all;
    }
}
