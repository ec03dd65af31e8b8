package org.example.piimages.cli.command;

import java.util.Map;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.Output;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The option of everything that changes an image or a device: to tell what would happen, and do nothing. */
public final class DryRun {

    /** Its name. */
    public static final String OPTION = "--dry-run";

    private DryRun() {
    }

    /** Lets a command take it. */
    public static void addTo(CommandSpec spec) {
        spec.addOption(Options.flag(OPTION, "Stop before the first change, and report what the result would be"));
    }

    /** Whether it was given. */
    public static boolean isWanted(ParseResult arguments) {
        return arguments.hasMatchedOption(OPTION);
    }

    /** Passes it on to the service. */
    public static void pass(ParseResult arguments, Map<String, Variant<?>> options) {
        if (isWanted(arguments)) {
            options.put(Names.OPTION_DRY_RUN, new Variant<>(true));
        }
    }

    /** Says, after the result, that it is none. */
    public static void remind(ParseResult arguments, Output output) {
        if (isWanted(arguments) && !output.wantsJson()) {
            output.result("Dry run: nothing was changed.");
        }
    }
}
