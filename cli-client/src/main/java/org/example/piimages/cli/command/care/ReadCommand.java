package org.example.piimages.cli.command.care;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.ByteCount;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ForegroundJob;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl read}. */
public final class ReadCommand implements Subcommand {

    private static final String SHRINK = "--shrink";
    private static final String MARGIN = "--margin";
    private static final String SKIP_BAD = "--skip-bad";
    private static final String NO_VERIFY = "--no-verify";
    private static final String NOT_REMOVABLE = "--not-removable";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "read", "DEVICE FILE", "Back up a card to an image file, and verify it");
        spec.addOption(Options.flag(SHRINK, "Reduce the image to the size that its files require, for a smaller card"));
        spec.addOption(Options.value(MARGIN, "SIZE", "With --shrink, the space to leave free (64M)"));
        spec.addOption(Options.flag(SKIP_BAD, "Do not fail if parts cannot be read: use zeros for them, list them, exit with 1"));
        spec.addOption(Options.flag(NO_VERIFY, "Do not read the card a second time to compare"));
        spec.addOption(Options.flag(NOT_REMOVABLE, "Allow a disk that is not removable, such as a USB SSD; needs an administrator"));
        spec.addPositional(Options.file("DEVICE", "The whole disk, for example /dev/sdb or /dev/mmcblk0"));
        spec.addPositional(Options.secondFile("FILE", "The file to create, which must not exist; packed if it ends in .xz, .zst, .gz or"
                + " .bz2"));
        DryRun.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile device = ImageFile.of(arguments.matchedPositionalValue(0, null));
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(1, null));
        Map<String, Variant<?>> options = new TreeMap<>();
        DryRun.pass(arguments, options);
        options.put(Names.OPTION_SHRINK, new Variant<>(arguments.hasMatchedOption(SHRINK)));
        if (arguments.hasMatchedOption(MARGIN)) {
            options.put(Names.OPTION_MARGIN, new Variant<>(new UInt64(ByteCount.parse(arguments.matchedOptionValue(MARGIN, "")))));
        }
        options.put(Names.OPTION_SKIP_BAD, new Variant<>(arguments.hasMatchedOption(SKIP_BAD)));
        options.put(Names.OPTION_NO_VERIFY, new Variant<>(arguments.hasMatchedOption(NO_VERIFY)));
        options.put(Names.OPTION_NOT_REMOVABLE, new Variant<>(arguments.hasMatchedOption(NOT_REMOVABLE)));
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(Call.manager("ReadDevice", "ssa{sv}", device.path(), file.path(), options));
        List<?> unreadable = (List<?>) result.get("unreadable");
        if (session.output().wantsJson()) {
            session.output().json(result);
        } else {
            show(session.output(), file, result);
            if (!unreadable.isEmpty()) {
                show(session.output(), unreadable);
            }
        }
        DryRun.printNote(arguments, session.output());
        return unreadable.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private static void show(Output output, ImageFile file, Map<?, ?> result) {
        boolean verified = Boolean.TRUE.equals(result.get("verified"));
        output.result(Printable.of(file.path()) + ": " + amount(output, result, "size") + " (" + amount(output, result, "image-size")
                + " unpacked; " + amount(output, result, "read") + (verified ? " read twice and compared, " : " read once, ")
                + amount(output, result, "skipped") + " of free space skipped)");
        String note = (String) result.get("note");
        if (!note.isEmpty()) {
            output.result("note: " + Printable.of(note));
        }
    }

    private static void show(Output output, List<?> unreadable) {
        Table table = new Table("PARTITION", "OFFSET", "LENGTH", "CONTENT");
        for (Object entry : unreadable) {
            List<?> row = (List<?>) entry;
            table.add(row.get(0).toString(), row.get(1).toString(), row.get(2).toString(), content((List<?>) row.get(3)));
        }
        output.table(table, "The backup has zeros in place of these bytes, which could not be read.");
    }

    private static String content(List<?> names) {
        return names.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String amount(Output output, Map<?, ?> result, String name) {
        return output.size(((Number) result.get(name)).longValue());
    }
}
