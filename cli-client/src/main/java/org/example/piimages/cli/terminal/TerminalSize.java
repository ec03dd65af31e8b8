package org.example.piimages.cli.terminal;

/** How large the terminal is. */
public record TerminalSize(int rows, int columns) {

    private static final int DEFAULT_ROWS = 24;
    private static final int DEFAULT_COLUMNS = 80;

    /** From LINES and COLUMNS, else as stty(1) tells, else 24 and 80. */
    public static TerminalSize now() {
        return of(System.getenv("LINES"), System.getenv("COLUMNS"), Stty.run("size"));
    }

    /** The same, {@code stty} being rows and columns. */
    public static TerminalSize of(String lines, String columns, String stty) {
        String[] told = stty.split(" ");
        return new TerminalSize(number(lines == null ? told[0] : lines, DEFAULT_ROWS),
                number(columns == null ? told[told.length - 1] : columns, DEFAULT_COLUMNS));
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
