package org.example.piimages.cli.terminal;

/** The size of the terminal in characters. */
public record TerminalSize(int rows, int columns) {

    private static final int DEFAULT_ROWS = 24;
    private static final int DEFAULT_COLUMNS = 80;

    /** Returns the size from LINES and COLUMNS, otherwise from stty(1), otherwise 24 rows and 80 columns. */
    public static TerminalSize now() {
        return of(System.getenv("LINES"), System.getenv("COLUMNS"), Stty.run("size"));
    }

    /** Returns the size from these values; {@code stty} has rows and columns, separated by a space. */
    public static TerminalSize of(String lines, String columns, String stty) {
        String[] size = stty.split(" ");
        return new TerminalSize(number(lines == null ? size[0] : lines, DEFAULT_ROWS),
                number(columns == null ? size[size.length - 1] : columns, DEFAULT_COLUMNS));
    }

    private static int number(String text, int otherwise) {
        try {
            int number = Integer.parseInt(text);
            return number > 0 ? number : otherwise;
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
