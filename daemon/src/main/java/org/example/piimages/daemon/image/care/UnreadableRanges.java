package org.example.piimages.daemon.image.care;

import java.util.ArrayList;
import java.util.List;

/** What of a disk could not be read. */
public final class UnreadableRanges {

    /** More are not told apart: such a card is lost to this tool. */
    static final int MOST = 1000;

    /** Nor is more than this tried, which takes hours: in bytes. */
    static final long MOST_BYTES = 256L << 20;

    /** How many a message names. */
    private static final int NAMED = 5;

    /**
     * One of them.
     *
     * @param partition in which it is, 0 for none
     * @param offset on the disk, in bytes
     * @param length in bytes
     */
    public record Row(int partition, long offset, long length) {
    }

    private final List<Row> rows = new ArrayList<>();
    private long bytes;

    /** Adds one behind all others. */
    void add(int partition, long offset, long length) {
        bytes += length;
        Row last = rows.isEmpty() ? null : rows.get(rows.size() - 1);
        if (last != null && last.partition() == partition && last.offset() + last.length() == offset) {
            rows.set(rows.size() - 1, new Row(partition, last.offset(), last.length() + length));
        } else {
            rows.add(new Row(partition, offset, length));
        }
    }

    /** All, in order. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    boolean isFull() {
        return rows.size() >= MOST || bytes >= MOST_BYTES;
    }

    /** The first ones and how many more there are, for a message. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows.subList(0, Math.min(NAMED, rows.size()))) {
            text.append(text.isEmpty() ? "" : ", ").append(row.length()).append(" bytes at byte ").append(row.offset())
                    .append(row.partition() == 0 ? "" : " (partition " + row.partition() + ")");
        }
        return rows.size() > NAMED ? text.append(" and ").append(rows.size() - NAMED).append(" more ranges").toString() : text.toString();
    }
}
