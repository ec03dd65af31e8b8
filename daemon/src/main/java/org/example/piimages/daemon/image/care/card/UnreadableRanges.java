package org.example.piimages.daemon.image.care.card;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.example.piimages.daemon.image.care.RangeOwners;
import org.example.piimages.daemon.image.disk.Printable;

/** What of a disk could not be read. */
public final class UnreadableRanges {

    /** More are not told apart: such a card is lost to this tool. */
    static final int MOST = 1000;

    /** Nor is more than this tried, which takes hours: in bytes. */
    static final long MOST_BYTES = 256L << 20;

    /** How many a message names. */
    private static final int NAMED = 5;

    /** Of all names together, which are kept, and sent in one message. */
    private static final int MOST_CHARACTERS = 1 << 18;
    /** How many files of each. */
    private static final int NAMED_FILES = 3;

    /**
     * One of them.
     *
     * @param partition in which it is, 0 for none
     * @param offset on the disk, in bytes
     * @param length in bytes
     * @param content what is there: paths of files, which begin with a slash and are the card's own words, or other words; empty where it
     *     is not known
     */
    public record Row(int partition, long offset, long length, List<String> content) {

        private String text() {
            List<String> shown =
                    content.stream().limit(NAMED_FILES).map(name -> name.startsWith("/") ? Printable.path(name) : name).toList();
            List<String> words = new ArrayList<>();
            if (partition != 0) {
                words.add("partition " + partition);
            }
            if (!shown.isEmpty()) {
                words.add(String.join(", ", shown) + (content.size() > NAMED_FILES ? ", others" : ""));
            }
            return length + " bytes at byte " + offset + (words.isEmpty() ? "" : " (" + String.join(": ", words) + ")");
        }
    }

    private final List<Row> rows = new ArrayList<>();
    private long bytes;

    /** Adds one behind all others. */
    public void add(int partition, long offset, long length) {
        bytes += length;
        Row last = rows.isEmpty() ? null : rows.get(rows.size() - 1);
        if (last != null && last.partition() == partition && last.offset() + last.length() == offset) {
            rows.set(rows.size() - 1, new Row(partition, last.offset(), last.length() + length, List.of()));
        } else {
            rows.add(new Row(partition, offset, length, List.of()));
        }
    }

    /** All, in order. */
    public List<Row> rows() {
        return List.copyOf(rows);
    }

    /** Lets somebody say what each of them has. */
    void describe(Function<Row, List<String>> content) {
        AtomicInteger characters = new AtomicInteger();
        rows.replaceAll(row -> {
            List<String> names = content.apply(row);
            int length = names.stream().mapToInt(String::length).sum();
            return new Row(row.partition(), row.offset(), row.length(),
                    characters.addAndGet(length) <= MOST_CHARACTERS ? names : List.of(RangeOwners.OTHERS));
        });
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    boolean isFull() {
        return rows.size() >= MOST || bytes >= MOST_BYTES;
    }

    /** The first ones and how many more there are, for a message. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Row row : rows.subList(0, Math.min(NAMED, rows.size()))) {
            text.append(text.isEmpty() ? "" : ", ").append(row.text());
        }
        return rows.size() > NAMED ? text.append(" and ").append(rows.size() - NAMED).append(" more ranges").toString() : text.toString();
    }
}
