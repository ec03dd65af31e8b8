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

/** Standard output, as the options want it. */
public final class Output {

    private final PrintStream out;
    private final GlobalOptions options;

    public Output(PrintStream out, GlobalOptions options) {
        this.out = out;
        this.options = options;
    }

    /** What was asked for on the command line. */
    public GlobalOptions options() {
        return options;
    }

    /** Whether JSON is wanted instead of text for people. */
    public boolean wantsJson() {
        return options.json() != JsonFormat.OFF;
    }

    /** Prints maps, collections, text, numbers and booleans as JSON. */
    public void json(Object value) {
        out.println(Json.text(value, options.json() == JsonFormat.PRETTY));
    }

    /** Prints a result, control characters escaped. */
    public void result(String text) {
        out.println(Printable.of(text));
    }

    /** Prints a result whose first word is coloured, by the number of an SGR sequence or null for none, where that is wanted. */
    public void result(String word, String colour, String rest) {
        boolean plain = colour == null || !StandardStream.OUTPUT.isTerminal() || !Ansi.AUTO.enabled();
        out.println((plain ? Printable.of(word) : "\033[" + colour + "m" + Printable.of(word) + "\033[0m") + Printable.of(rest));
    }

    /** A number of bytes, for people unless programs are to read it. */
    public String size(long bytes) {
        return options.bytes() ? Long.toString(bytes) : ByteCount.text(bytes);
    }

    /** Whether only results are wanted. */
    public boolean isQuiet() {
        return options.quiet();
    }

    /** A table's footer: "2 images mounted.", "No machine running." */
    public static String count(int number, String noun, String state) {
        return (number == 0 ? "No " + noun : number + " " + noun + (number == 1 ? "" : "s")) + " " + state + ".";
    }

    /** Whether people shall see how a job gets on. */
    public boolean wantsProgress() {
        return !options.quiet() && !wantsJson();
    }

    /** Prints a table and, below it, what it holds: "2 images mounted." What is longer than the terminal goes through a pager. */
    public void table(Table table, String footer) {
        TerminalSize terminal = StandardStream.OUTPUT.isTerminal() ? TerminalSize.now() : null;
        boolean legend = !options.noLegend() && !options.quiet();
        boolean header = legend && !table.isEmpty();
        boolean colours = terminal != null && Ansi.AUTO.enabled();
        List<String> lines = new ArrayList<>(table.lines(terminal == null ? Integer.MAX_VALUE : terminal.columns(), header, colours));
        if (legend) {
            lines.addAll(header ? List.of("", footer) : List.of(footer));
        }
        // The prompt takes a row too.
        boolean page = terminal != null && !options.noPager() && lines.size() >= terminal.rows();
        if (!page || !Pager.show(String.join("\n", lines) + "\n")) {
            lines.forEach(out::println);
        }
    }
}
