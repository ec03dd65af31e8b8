package org.example.piimages.cli.output;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.example.piimages.cli.failure.Printable;

/** A table for display, in the style of machinectl(1). */
public final class Table {

    private static final String GAP = "  ";
    private static final String EMPTY_CELL = "-";
    private static final String ELLIPSIS = "…";
    /** The width below which no column is truncated, even if lines then wrap. */
    private static final int MIN_WIDTH = 8;

    private final String[] header;
    private final List<String[]> rows = new ArrayList<>();

    /** Creates a table without rows. */
    public Table(String... header) {
        this.header = header;
    }

    /** Returns whether the table has no rows. */
    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Adds a row with as many cells as the header has; an empty cell is shown as a dash, control characters are escaped. */
    public void add(String... cells) {
        if (cells.length != header.length) {
            throw new IllegalArgumentException(cells.length + " cells in a table of " + header.length + " columns");
        }
        rows.add(Arrays.stream(cells).map(cell -> cell.isEmpty() ? EMPTY_CELL : Printable.of(cell)).toArray(String[]::new));
    }

    /**
     * Returns the lines to print. If they would be wider than {@code width}, the widest columns are shortened in the middle, because both
     * ends of a path are informative.
     *
     * @param width the number of columns of the terminal; {@link Integer#MAX_VALUE} if there is none
     * @param legend whether the header is printed
     * @param underline whether the header is underlined, as by the tools of systemd on a terminal
     */
    List<String> lines(int width, boolean legend, boolean underline) {
        int[] widths = fit(natural(legend), width);
        List<String> lines = new ArrayList<>();
        if (legend) {
            String line = line(header, widths);
            lines.add(underline ? "\033[4m" + line + "\033[0m" : line);
        }
        rows.forEach(row -> lines.add(line(row, widths)));
        return lines;
    }

    private int[] natural(boolean legend) {
        int[] widths = new int[header.length];
        for (int i = 0; i < widths.length; i++) {
            widths[i] = legend ? header[i].length() : 0;
            for (String[] row : rows) {
                widths[i] = Math.max(widths[i], length(row[i]));
            }
        }
        return widths;
    }

    private static int[] fit(int[] widths, int width) {
        long excess = Arrays.stream(widths).asLongStream().sum() + (long) GAP.length() * (widths.length - 1) - width;
        for (; excess > 0; excess--) {
            int widest = 0;
            for (int i = 1; i < widths.length; i++) {
                widest = widths[i] > widths[widest] ? i : widest;
            }
            if (widths[widest] <= MIN_WIDTH) {
                break;
            }
            widths[widest]--;
        }
        return widths;
    }

    private static String line(String[] cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String cell = cut(cells[i], widths[i]);
            line.append(cell).append(" ".repeat(widths[i] - length(cell))).append(GAP);
        }
        return line.toString().stripTrailing();
    }

    private static String cut(String cell, int width) {
        int length = length(cell);
        if (length <= width) {
            return cell;
        }
        int head = (width - 1) / 2;
        int tail = width - 1 - head;
        return cell.substring(0, cell.offsetByCodePoints(0, head)) + ELLIPSIS + cell.substring(cell.offsetByCodePoints(0, length - tail));
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
