package org.example.piimages.cli.command.care;

import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.ByteCount;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ForegroundJob;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl grow}. */
public final class GrowCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Subcommand.describe(this, "grow", "IMAGE [SIZE|+SIZE]", "Enlarge an image and its last filesystem, or fill a card");
        spec.addPositional(Options.file("IMAGE", "The image file, or a card: /dev/sdX"));
        spec.addPositional(Options.optionalSecondWord("SIZE|+SIZE",
                "The new size of the file, or the growth of its last filesystem: 4G, +500M; not for a card, which is filled"));
        DryRun.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(call(file, arguments));
        return ShrinkCommand.showSize(arguments, session.output(), file, result);
    }

    /** Returns the method call for these arguments. */
    static Call call(ImageFile file, ParseResult arguments) {
        String size = arguments.matchedPositionalValue(1, "0");
        boolean relative = size.startsWith("+");
        Map<String, Variant<?>> options = new TreeMap<>();
        DryRun.pass(arguments, options);
        if (relative) {
            options.put(Names.OPTION_RELATIVE, new Variant<>(true));
        }
        return Call.manager("GrowImage", "sta{sv}", file.path(), new UInt64(ByteCount.parse(relative ? size.substring(1) : size)), options);
    }
}
