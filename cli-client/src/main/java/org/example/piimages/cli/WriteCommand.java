package org.example.piimages.cli;

import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** piimagesctl write */
final class WriteCommand implements Subcommand {

    private static final String YES = "--yes";
    private static final String ZERO = "--zero";
    private static final String NOT_REMOVABLE = "--not-removable";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(this, "write", "IMAGE DEVICE", "Write an image to a card, and read it back");
        spec.addOption(Options.flag(YES, "Do not ask before everything on the card is erased"));
        spec.addOption(Options.flag(ZERO, "Zero what the image's filesystem does not use, instead of leaving there what was"));
        spec.addOption(Options.flag(NOT_REMOVABLE, "Write to a disk that is built in, too"));
        spec.addPositional(Options.file("IMAGE", "The image file"));
        spec.addPositional(Options.secondFile("DEVICE", "The whole disk, for example /dev/sdb or /dev/mmcblk0"));
        DryRun.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        ImageFile device = ImageFile.of(arguments.matchedPositionalValue(1, null));
        Service service = session.service();
        DeviceEntry disk = DeviceEntry.of((Map<?, ?>) Plain.of(service.ask(Call.manager("DescribeDevice", "s", device.path()))[0]));
        disk.requireUsable(arguments.hasMatchedOption(NOT_REMOVABLE));
        if (!arguments.hasMatchedOption(YES) && !DryRun.isWanted(arguments)) {
            String facts = ImageSummary.beforeWriting(service, file) + System.lineSeparator() + disk.text();
            Confirmation.onTerminal().require(facts, "Erase all on " + disk.node() + " and write " + Printable.of(file.path()) + " there?");
        }
        Map<String, Variant<?>> options = new TreeMap<>();
        DryRun.pass(arguments, options);
        options.put(Names.OPTION_ZERO, new Variant<>(arguments.hasMatchedOption(ZERO)));
        options.put(Names.OPTION_NOT_REMOVABLE, new Variant<>(arguments.hasMatchedOption(NOT_REMOVABLE)));
        options.put(Names.OPTION_SEQUENCE, new Variant<>(new UInt64(disk.sequence())));
        Map<?, ?> result = new ForegroundJob(service, session.output())
                .run(Call.manager("WriteImage", "ssa{sv}", file.path(), disk.node(), options));
        show(session.output(), DryRun.isWanted(arguments) ? " to write" : " written and read back", disk, result);
        DryRun.remind(arguments, session.output());
        return ExitCode.OK;
    }

    private static void show(Output output, String verb, DeviceEntry disk, Map<?, ?> result) {
        if (output.wantsJson()) {
            output.json(result);
        } else {
            output.result(disk.node() + ": " + amount(output, result, "size") + verb + " ("
                    + amount(output, result, "written") + " of data, " + amount(output, result, "zeroed") + " zeroed, "
                    + amount(output, result, "skipped") + " that nothing uses skipped)");
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
