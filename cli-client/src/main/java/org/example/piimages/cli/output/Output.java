package org.example.piimages.cli.output;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.GlobalOptions;
import org.example.piimages.cli.option.GlobalOptions.JsonFormat;
import org.example.piimages.cli.terminal.StandardStream;
import org.example.piimages.cli.terminal.TerminalSize;
import org.example.piimages.contract.Json;
import picocli.CommandLine.Help.Ansi;

/** Prints results to standard output in the format that the options specify. */
public final class Output {

    private final PrintStream out;
    private final GlobalOptions options;

    public Output(PrintStream out, GlobalOptions options) {
        this.out = out;
        this.options = options;
    }

    /** Returns the global options. */
    public GlobalOptions options() {
        return options;
    }

    /** Returns whether JSON output is requested. */
    public boolean wantsJson() {
        return options.json() != JsonFormat.OFF;
    }

    /** Prints maps, collections, text, numbers and booleans as JSON. */
    public void json(Object value) {
        out.println(Json.text(value, options.json() == JsonFormat.PRETTY));
    }

    /** Prints a result; control characters are escaped. */
    public void result(String text) {
        out.println(Printable.of(text));
    }

    /**
     * Prints a result whose first word is coloured if standard output is a terminal and colours are enabled; {@code colour} is the number
     * of an SGR sequence, or null for none.
     */
    public void result(String word, String colour, String rest) {
        boolean plain = colour == null || !StandardStream.OUTPUT.isTerminal() || !Ansi.AUTO.enabled();
        out.println((plain ? Printable.of(word) : "\033[" + colour + "m" + Printable.of(word) + "\033[0m") + Printable.of(rest));
    }

    /** Formats a size: with a unit, or as a number of bytes with --bytes. */
    public String size(long bytes) {
        return options.bytes() ? Long.toString(bytes) : ByteCount.text(bytes);
    }

    /** Returns whether only results and errors are shown. */
    public boolean isQuiet() {
        return options.quiet();
    }

    /** Returns the footer of a table, such as "2 images mounted." or "No machine running." */
    public static String count(int number, String noun, String state) {
        return (number == 0 ? "No " + noun : number + " " + noun + (number == 1 ? "" : "s")) + " " + state + ".";
    }

    /** Returns whether the progress of jobs is shown. */
    public boolean wantsProgress() {
        return !options.quiet() && !wantsJson();
    }

    /** Prints a table and its footer, such as "2 images mounted.", through a pager if it is longer than the terminal. */
    public void table(Table table, String footer) {
        TerminalSize terminal = StandardStream.OUTPUT.isTerminal() ? TerminalSize.now() : null;
        boolean legend = !options.noLegend() && !options.quiet();
        boolean header = legend && !table.isEmpty();
        boolean colours = terminal != null && Ansi.AUTO.enabled();
        List<String> lines = new ArrayList<>(table.lines(terminal == null ? Integer.MAX_VALUE : terminal.columns(), header, colours));
        if (legend) {
            lines.addAll(header ? List.of("", footer) : List.of(footer));
        }
        // One row is reserved for the shell prompt.
        boolean page = terminal != null && !options.noPager() && lines.size() >= terminal.rows();
        if (!page || !Pager.show(String.join("\n", lines) + "\n")) {
            lines.forEach(out::println);
        }
    }
}
