package org.example.piimages.cli;

import java.io.File;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** piimagesctl unpack, pack, copy: from one file to a new one. */
final class ConvertCommand implements Subcommand {

    private static final Pattern PACKED = Pattern.compile("(\\.tar)?\\.(xz|gz|zst|bz2|zip|tar|tgz|txz)$");

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
        CommandSpec spec = Options.command(this, name, isUnpack() ? "SOURCE [TARGET]" : "SOURCE TARGET", description);
        spec.addPositional(Options.file("SOURCE", "The file to read"));
        spec.addPositional(isUnpack() ? Options.optionalSecondFile("TARGET", "The file to make, which must not be there yet; SOURCE without"
                + " its ending where none is given") : Options.secondFile("TARGET", "The file to make, which must not be there yet"));
        if (isUnpack()) {
            ChecksumOptions.addTo(spec);
        }
        DryRun.addTo(spec);
        return spec;
    }

    private boolean isUnpack() {
        return name.equals("unpack");
    }

    /** Beside the download, named as xz(1) and others would. */
    private static File unpacked(File source) {
        String bare = PACKED.matcher(source.getPath()).replaceFirst("");
        if (bare.equals(source.getPath())) {
            throw new CommandFailure(ExitCode.USAGE, "the name of " + source + " does not tell what to call the image; name it: piimagesctl"
                    + " unpack SOURCE TARGET");
        }
        return new File(bare.endsWith(".img") ? bare : bare + ".img");
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        File named = arguments.matchedPositionalValue(0, null);
        ImageFile source = ImageFile.of(named);
        ImageFile target = ImageFile.of(arguments.hasMatchedPositional(1) ? arguments.matchedPositionalValue(1, null) : unpacked(named));
        Map<String, Variant<?>> options = new TreeMap<>();
        ChecksumOptions.pass(arguments, options);
        DryRun.pass(arguments, options);
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(Call.manager(method, "ssa{sv}", source.path(), target.path(), options));
        if (result.containsKey("sha256") && !session.output().wantsJson()) {
            session.output().result("SHA-256 of " + source.path() + ": " + result.get("sha256") + ", "
                    + ChecksumOptions.comparison(arguments, result));
        }
        return ShrinkCommand.showSize(arguments, session.output(), target, result);
    }
}
