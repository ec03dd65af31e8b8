package org.example.piimages.daemon.image.care.card;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.example.piimages.daemon.image.care.RangeOwners;
import org.example.piimages.daemon.image.disk.Printable;

/** The ranges of a disk that could not be read. */
public final class UnreadableRanges {

    /** The maximum number of ranges; reading a card with more is aborted. */
    static final int MAX_RANGES = 1000;

    /** The maximum total length, in bytes: trying to read this much takes hours. */
    static final long MAX_BYTES = 256L << 20;

    /** The maximum number of ranges in a message. */
    private static final int SHOWN_RANGES = 5;

    /** The maximum total length of the names, which are kept in memory and sent in one D-Bus message. */
    private static final int MAX_CHARACTERS = 1 << 18;
    /** The maximum number of files of a range in a message. */
    private static final int SHOWN_FILES = 3;

    /**
     * An unreadable range.
     *
     * @param partition the number of the partition that contains it; 0 if none does
     * @param offset the offset on the disk, in bytes
     * @param length the length in bytes
     * @param content the contents of the range: paths of files, which begin with a slash and are unescaped as stored on the card, or
     *     descriptions; empty if unknown
     */
    public record Row(int partition, long offset, long length, List<String> content) {

        private String text() {
            List<String> shown =
                    content.stream().limit(SHOWN_FILES).map(name -> name.startsWith("/") ? Printable.path(name) : name).toList();
            List<String> words = new ArrayList<>();
            if (partition != 0) {
                words.add("partition " + partition);
            }
            if (!shown.isEmpty()) {
                words.add(String.join(", ", shown) + (content.size() > SHOWN_FILES ? ", others" : ""));
            }
            return length + " bytes at byte " + offset + (words.isEmpty() ? "" : " (" + String.join(": ", words) + ")");
        }
    }

    private final List<Row> rows = new ArrayList<>();
    private long bytes;

    /** Adds a range, which must be behind all others. It is merged with the last one if they are adjacent in the same partition. */
    public void add(int partition, long offset, long length) {
        bytes += length;
        Row last = rows.isEmpty() ? null : rows.get(rows.size() - 1);
        if (last != null && last.partition() == partition && last.offset() + last.length() == offset) {
            rows.set(rows.size() - 1, new Row(partition, last.offset(), last.length() + length, List.of()));
        } else {
            rows.add(new Row(partition, offset, length, List.of()));
        }
    }

    /** All ranges, in ascending order. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /**
     * Sets the contents of each range.
     *
     * @param content returns the contents of a range
     */
    void describe(Function<Row, List<String>> content) {
        AtomicInteger characters = new AtomicInteger();
        rows.replaceAll(row -> {
            List<String> names = content.apply(row);
            int length = names.stream().mapToInt(String::length).sum();
            return new Row(row.partition(), row.offset(), row.length(),
                    characters.addAndGet(length) <= MAX_CHARACTERS ? names : List.of(RangeOwners.OTHERS));
        });
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    boolean isFull() {
        return rows.size() >= MAX_RANGES || bytes >= MAX_BYTES;
    }

    /** The first ranges and the number of others, for a message. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows.subList(0, Math.min(SHOWN_RANGES, rows.size()))) {
            text.append(text.isEmpty() ? "" : ", ").append(row.text());
        }
        return rows.size() > SHOWN_RANGES ? text.append(" and ").append(rows.size() - SHOWN_RANGES).append(" more ranges").toString()
                : text.toString();
    }
}
