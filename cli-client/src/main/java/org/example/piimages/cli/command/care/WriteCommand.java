package org.example.piimages.cli.command.care;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.ChecksumOptions;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.DeviceEntry;
import org.example.piimages.cli.service.ForegroundJob;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.ImageSummary;
import org.example.piimages.cli.service.PlainValues;
import org.example.piimages.cli.service.Service;
import org.example.piimages.cli.service.Session;
import org.example.piimages.cli.terminal.Confirmation;
import org.example.piimages.contract.DownloadName;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl write}. */
public final class WriteCommand implements Subcommand {

    private static final String INPUT = "standard input";
    /** The directory for large temporary files; see file-hierarchy(7). */
    private static final Path LARGE_TEMPORARY_FILES = Path.of("/var/tmp");
    private static final String YES = "--yes";
    private static final String ZERO = "--zero";
    private static final String NOT_REMOVABLE = "--not-removable";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "write", "IMAGE DEVICE", "Write an image, packed or not, to a card, and verify it");
        spec.addOption(Options.flag(YES, "Do not ask for confirmation before erasing the card"));
        spec.addOption(Options.flag(ZERO, "Write zeros to free space of the filesystems too, instead of skipping it"));
        spec.addOption(Options.flag(NOT_REMOVABLE, "Allow a disk that is not removable, such as a USB SSD; needs an administrator"));
        spec.addPositional(Options.file("IMAGE", "The image file, packed or not; - is standard input"));
        spec.addPositional(Options.secondFile("DEVICE", "The whole disk, for example /dev/sdb or /dev/mmcblk0"));
        ChecksumOptions.addTo(spec);
        DryRun.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        File named = arguments.matchedPositionalValue(0, null);
        ImageFile device = ImageFile.of(arguments.matchedPositionalValue(1, null));
        Map<String, Variant<?>> options = options(arguments);
        Service service = session.service();
        DeviceEntry disk = DeviceEntry.of((Map<?, ?>) PlainValues.of(service.ask(Call.manager("DescribeDevice", "s", device.path()))[0]));
        disk.requireUsable(arguments.hasMatchedOption(NOT_REMOVABLE));
        options.put(Names.OPTION_SEQUENCE, new Variant<>(new UInt64(disk.sequence())));
        if (!SpooledInput.isStandardInput(named)) {
            ImageFile file = ImageFile.of(named);
            confirm(arguments, disk, Printable.of(file.path()), () -> summary(service, file));
            return write(arguments, session, options, file, file.path(), disk);
        }
        confirm(arguments, disk, INPUT, () -> INPUT + ": a download or an image");
        ChecksumOptions.passForInput(options);
        try (SpooledInput input = SpooledInput.in(LARGE_TEMPORARY_FILES, System.in, "write --yes - DEVICE")) {
            return write(arguments, session, options, input.file(), INPUT, disk);
        }
    }

    private static Map<String, Variant<?>> options(ParseResult arguments) {
        Map<String, Variant<?>> options = new TreeMap<>();
        ChecksumOptions.pass(arguments, options);
        DryRun.pass(arguments, options);
        options.put(Names.OPTION_ZERO, new Variant<>(arguments.hasMatchedOption(ZERO)));
        options.put(Names.OPTION_NOT_REMOVABLE, new Variant<>(arguments.hasMatchedOption(NOT_REMOVABLE)));
        return options;
    }

    /** Returns a description of the image for the confirmation; the content of a download is unknown until it is unpacked. */
    private static String summary(Service service, ImageFile file) {
        return DownloadName.unpacked(file.path()).equals(file.path()) ? ImageSummary.beforeWriting(service, file)
                : Printable.of(file.path()) + ": a download, unpacked when it is written";
    }

    private static void confirm(ParseResult arguments, DeviceEntry disk, String title, Supplier<String> summary) {
        if (!arguments.hasMatchedOption(YES) && !DryRun.isWanted(arguments)) {
            Confirmation.onTerminal().require(summary.get() + System.lineSeparator() + disk.text(),
                    "Erase everything on " + disk.node() + " and write " + title + " to it?");
        }
    }

    private static int write(ParseResult arguments, Session session, Map<String, Variant<?>> options, ImageFile file, String title,
            DeviceEntry disk) {
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(Call.manager("WriteImage", "ssa{sv}", file.path(), disk.node(), options));
        if (result.containsKey("sha256") && !session.output().wantsJson()) {
            session.output().result(ChecksumOptions.comparison(arguments, title, result, "compared"));
        }
        show(session.output(), DryRun.isWanted(arguments) ? " to write" : " written and read back", disk, result);
        DryRun.printNote(arguments, session.output());
        return ExitCode.OK;
    }

    private static void show(Output output, String verb, DeviceEntry disk, Map<?, ?> result) {
        if (output.wantsJson()) {
            output.json(result);
        } else if (!result.containsKey("size")) {
            output.result(disk.node() + ": the amount to write is not known until the image is unpacked");
        } else {
            output.result(disk.node() + ": " + amount(output, result, "size") + verb + " ("
                    + amount(output, result, "written") + " of data, " + amount(output, result, "zeroed") + " zeroed, "
                    + amount(output, result, "skipped") + " of free space skipped)");
            String note = (String) result.get("note");
            if (!note.isEmpty()) {
                output.result("note: " + Printable.of(note));
            }
        }
    }

    private static String amount(Output output, Map<?, ?> result, String name) {
        return output.size(((Number) result.get(name)).longValue());
    }
}
