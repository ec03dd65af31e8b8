package org.example.piimages.cli.command;

import java.util.Map;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.Output;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The option --dry-run of commands that change an image or a device: reports what would happen, and changes nothing. */
public final class DryRun {

    /** The name of the option. */
    public static final String OPTION = "--dry-run";

    private DryRun() {
    }

    /** Adds the option to a command. */
    public static void addTo(CommandSpec spec) {
        spec.addOption(Options.flag(OPTION, "Stop before the first change, and report what the result would be"));
    }

    /** Returns whether the option was specified. */
    public static boolean isWanted(ParseResult arguments) {
        return arguments.hasMatchedOption(OPTION);
    }

    /** Adds the option to those of a method call, if it was specified. */
    public static void pass(ParseResult arguments, Map<String, Variant<?>> options) {
        if (isWanted(arguments)) {
            options.put(Names.OPTION_DRY_RUN, new Variant<>(true));
        }
    }

    /** Prints a reminder after the result of a dry run that nothing was changed; prints nothing with --json. */
    public static void printNote(ParseResult arguments, Output output) {
        if (isWanted(arguments) && !output.wantsJson()) {
            output.result("Dry run: nothing was changed.");
        }
    }
}
