package org.example.piimages.cli.command.care;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ForegroundJob;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl check}. */
public final class CheckCommand implements Subcommand {

    private static final String REPAIR = "--repair";
    private static final List<String> QUIET_VERDICTS = List.of("clean", "unchecked");

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "check", "IMAGE", "Check the filesystems of an image for errors");
        spec.addOption(Options.flag(REPAIR, "Repair the errors; without this option, nothing is changed"));
        spec.addPositional(Options.file("IMAGE", "The image file, or a card: /dev/sdX"));
        DryRun.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        Map<String, Variant<?>> options = new TreeMap<>();
        DryRun.pass(arguments, options);
        if (arguments.hasMatchedOption(REPAIR)) {
            options.put(Names.OPTION_REPAIR, new Variant<>(true));
        }
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(Call.manager("CheckImage", "sa{sv}", file.path(), options));
        boolean sound = Boolean.TRUE.equals(result.get("sound"));
        if (session.output().wantsJson()) {
            session.output().json(result);
        } else {
            boolean repaired = arguments.hasMatchedOption(REPAIR) && !DryRun.isWanted(arguments);
            show(session.output(), (List<?>) result.get("filesystems"), footer(result, sound, repaired));
        }
        DryRun.printNote(arguments, session.output());
        return sound ? ExitCode.OK : ExitCode.FAILED;
    }

    private static String footer(Map<?, ?> result, boolean sound, boolean repaired) {
        if (!sound) {
            return repaired ? "Some errors could not be repaired."
                    : "The image has errors; to repair them: piimagesctl check --repair IMAGE";
        }
        boolean hadErrors = ((List<?>) result.get("filesystems")).stream().anyMatch(row -> "repaired".equals(((List<?>) row).get(2)));
        return hadErrors && repaired ? "All errors were repaired." : "No errors were found.";
    }

    private static void show(Output output, List<?> filesystems, String footer) {
        Table table = new Table("PARTITION", "FILESYSTEM", "VERDICT");
        for (Object entry : filesystems) {
            List<?> row = (List<?>) entry;
            if (!QUIET_VERDICTS.contains(row.get(2))) {
                row.get(3).toString().lines().forEach(output::result);
            }
            table.add(row.get(0).toString(), row.get(1).toString(), row.get(2).toString());
        }
        output.table(table, footer);
    }
}
