package org.example.piimages.cli;

/** How large the terminal is. */
final class TerminalSize {

    private static final int DEFAULT_COLUMNS = 80;

    private TerminalSize() {
    }

    /** Its columns: from COLUMNS, else as stty(1) tells, else 80. */
    static int columns() {
        String columns = System.getenv("COLUMNS");
        if (columns == null) {
            String[] rowsAndColumns = Stty.run("size").split(" ");
            columns = rowsAndColumns[rowsAndColumns.length - 1];
        }
        try {
            int number = Integer.parseInt(columns);
            return number > 0 ? number : DEFAULT_COLUMNS;
        } catch (NumberFormatException e) {
            return DEFAULT_COLUMNS;
        }
    }
}
