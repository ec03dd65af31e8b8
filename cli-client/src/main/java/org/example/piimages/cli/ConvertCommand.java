package org.example.piimages.cli;

import java.util.Map;
import java.util.TreeMap;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** piimagesctl unpack, pack, copy: from one file to a new one. */
final class ConvertCommand implements Subcommand {

    private final String name;
    private final String method;
    private final String description;

    ConvertCommand(String name, String method, String description) {
        this.name = name;
        this.method = method;
        this.description = description;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(this, name, "SOURCE TARGET", description);
        spec.addPositional(Options.file("SOURCE", "The file to read"));
        spec.addPositional(Options.secondFile("TARGET", "The file to make, which must not be there yet"));
        DryRun.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile source = ImageFile.of(arguments.matchedPositionalValue(0, null));
        ImageFile target = ImageFile.of(arguments.matchedPositionalValue(1, null));
        Map<String, Variant<?>> options = new TreeMap<>();
        DryRun.pass(arguments, options);
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(Call.manager(method, "ssa{sv}", source.path(), target.path(), options));
        if (result.containsKey("sha256") && !session.output().wantsJson()) {
            session.output().result("SHA-256 of " + source.path() + ": " + result.get("sha256")
                    + (Boolean.TRUE.equals(result.get("verified")) ? ", as published" : ", nothing to compare with"));
        }
        return ShrinkCommand.showSize(arguments, session.output(), target, result);
    }
}
