package org.example.piimages.cli.command.care;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.ChecksumOptions;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ForegroundJob;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.DownloadName;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The commands {@code piimagesctl unpack}, {@code pack} and {@code copy}, which create a file from another one. */
public final class ConvertCommand implements Subcommand {

    private final String name;
    private final String method;
    private final String description;

    /**
     * Creates one of the commands.
     *
     * @param name the name of the command
     * @param method the method of the service that performs it
     * @param description the description in one line
     */
    public ConvertCommand(String name, String method, String description) {
        this.name = name;
        this.method = method;
        this.description = description;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, name, isUnpack() ? "SOURCE [TARGET]" : "SOURCE TARGET", description);
        spec.addPositional(Options.file("SOURCE", isUnpack() ? "The file to read; - is standard input" : "The file to read"));
        spec.addPositional(isUnpack() ? Options.optionalSecondFile("TARGET", "The file to create, which must not exist; SOURCE without"
                + " its suffix by default") : Options.secondFile("TARGET", "The file to create, which must not exist"));
        if (isUnpack()) {
            ChecksumOptions.addTo(spec);
        } else if (isPack()) {
            PackMetadata.addTo(spec);
        }
        DryRun.addTo(spec);
        return spec;
    }

    private boolean isUnpack() {
        return name.equals("unpack");
    }

    private boolean isPack() {
        return name.equals("pack");
    }

    /** Returns the image beside the download, with the name that xz(1) and similar tools would use. */
    private static File unpacked(File source) {
        String bare = DownloadName.unpacked(source.getPath());
        if (bare.equals(source.getPath())) {
            throw new CommandFailure(ExitCode.USAGE, "cannot derive the name of the image from " + source + "; specify it: piimagesctl"
                    + " unpack SOURCE TARGET");
        }
        return new File(DownloadName.image(source.getPath()));
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        Map<String, Variant<?>> options = new TreeMap<>();
        ChecksumOptions.pass(arguments, options);
        DryRun.pass(arguments, options);
        File named = arguments.matchedPositionalValue(0, null);
        if (isUnpack() && SpooledInput.isStandardInput(named)) {
            if (!arguments.hasMatchedPositional(1)) {
                throw new CommandFailure(ExitCode.USAGE,
                        "cannot derive the name of the image from standard input; specify it: piimagesctl unpack -"
                                + " TARGET");
            }
            ImageFile target = ImageFile.of(arguments.matchedPositionalValue(1, null));
            ChecksumOptions.passForInput(options);
            try (SpooledInput input = SpooledInput.in(Path.of(target.path()).getParent(), System.in, "unpack - TARGET")) {
                return convert(arguments, session, options, input.file(), "standard input", target);
            }
        }
        ImageFile source = ImageFile.of(named);
        ImageFile target = ImageFile.of(arguments.hasMatchedPositional(1) ? arguments.matchedPositionalValue(1, null) : unpacked(named));
        if (isPack()) {
            PackMetadata.pass(arguments, session, source, options);
        }
        return convert(arguments, session, options, source, source.path(), target);
    }

    private int convert(ParseResult arguments, Session session, Map<String, Variant<?>> options, ImageFile source, String title,
            ImageFile target) {
        Map<?, ?> result = new ForegroundJob(session.service(), session.output())
                .run(Call.manager(method, "ssa{sv}", source.path(), target.path(), options));
        if (isUnpack() && !session.output().wantsJson()) {
            session.output().result(ChecksumOptions.comparison(arguments, title, result, "verified"));
        }
        PackMetadata.show(session.output(), result);
        return ShrinkCommand.showSize(arguments, session.output(), target, result);
    }
}
