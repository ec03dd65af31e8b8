package org.example.piimages.cli.command.care;

import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.ByteCount;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ForegroundJob;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl shrink}. */
public final class ShrinkCommand implements Subcommand {

    private static final String MARGIN = "--margin";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "shrink", "IMAGE", "Reduce an image to the size that its files require");
        spec.addOption(Options.value(MARGIN, "SIZE", "The space to leave free (64M)"));
        spec.addPositional(Options.file("IMAGE", "The image file"));
        DryRun.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        Map<String, Variant<?>> options = new TreeMap<>();
        DryRun.pass(arguments, options);
        if (arguments.hasMatchedOption(MARGIN)) {
            options.put(Names.OPTION_MARGIN, new Variant<>(new UInt64(ByteCount.parse(arguments.matchedOptionValue(MARGIN, "")))));
        }
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(Call.manager("ShrinkImage", "sa{sv}", file.path(), options));
        return showSize(arguments, session.output(), file, result);
    }

    /** Prints the new size of the file, and returns the exit status of the command. */
    static int showSize(ParseResult arguments, Output output, ImageFile file, Map<?, ?> result) {
        if (output.wantsJson()) {
            output.json(result);
        } else {
            output.result(file.path() + ": " + output.size(((Number) result.get("size")).longValue()));
        }
        DryRun.printNote(arguments, output);
        return ExitCode.OK;
    }
}
