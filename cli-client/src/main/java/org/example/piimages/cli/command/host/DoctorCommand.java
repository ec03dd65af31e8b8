package org.example.piimages.cli.command.host;

import java.io.File;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.PartitionOptions;
import org.example.piimages.cli.command.PassphraseOption;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.FindingEntry;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.PlainValues;
import org.example.piimages.cli.service.Session;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl doctor}. */
public final class DoctorCommand implements Subcommand {

    private static final int SEVERITY_WIDTH = "warning".length();
    private static final String INDENT = " ".repeat(SEVERITY_WIDTH + 2);
    private static final Map<String, String> COLOURS = Map.of("ok", "32", "warning", "33", "problem", "31");

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "doctor", "[IMAGE]", "Report what will not work, and how to fix it");
        spec.addPositional(PositionalParamSpec.builder().index("0").type(File.class).arity("0..1").paramLabel("IMAGE")
                .description("The image file or card to check; by default, this host is checked").build());
        PartitionOptions.addTo(spec);
        spec.usageMessage().footer("", "With --quiet, only warnings and problems are shown. The exit status is 1 if",
                "something will not work.");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        File image = arguments.matchedPositionalValue(0, null);
        if (image == null) {
            PartitionOptions.requireNone(arguments, "specify one to check it");
        }
        List<FindingEntry> findings = image == null ? ofHost(session) : ofImage(ImageFile.of(image), arguments, session);
        if (session.output().wantsJson()) {
            session.output().json(findings.stream().map(FindingEntry::fields).toList());
        } else {
            show(findings, session.output());
        }
        return findings.stream().anyMatch(FindingEntry::isProblem) ? ExitCode.FAILED : ExitCode.OK;
    }

    private static List<FindingEntry> ofImage(ImageFile file, ParseResult arguments, Session session) {
        Map<String, Variant<?>> options = new TreeMap<>();
        PartitionOptions.pass(arguments, options);
        return PassphraseOption.given(arguments, file, session, passphrase -> {
            options.putAll(passphrase);
            return rows(session.service(options).change(Call.manager("DiagnoseImage", "sa{sv}", file.path(), options)));
        });
    }

    /** Diagnoses the host. A service that does not respond is a finding, not an error: this command is meant to explain such problems. */
    private static List<FindingEntry> ofHost(Session session) {
        try {
            return rows(session.service().ask(Call.manager("DiagnoseHost", "")));
        } catch (RemoteError | CommandFailure e) {
            return List.of(FindingEntry.problem("service", ErrorText.of(e).getMessage()));
        }
    }

    private static List<FindingEntry> rows(Object[] answer) {
        return ((List<?>) PlainValues.of(answer[0])).stream().map(row -> FindingEntry.of((List<?>) row)).toList();
    }

    private static void show(List<FindingEntry> findings, Output output) {
        for (FindingEntry finding : findings) {
            if (!finding.isOk() || !output.isQuiet()) {
                String padding = " ".repeat(Math.max(0, SEVERITY_WIDTH - finding.severity().length()) + 2);
                output.result(finding.severity(), COLOURS.get(finding.severity()), padding + finding.check() + ": " + finding.text());
                if (!finding.remedy().isEmpty()) {
                    output.result(INDENT + finding.remedy());
                }
            }
        }
        if (!output.isQuiet()) {
            long problems = findings.stream().filter(FindingEntry::isProblem).count();
            output.result("");
            output.result(problems == 0 ? "No problems found." : problems + (problems == 1 ? " thing" : " things") + " will not work.");
        }
    }
}
