package org.example.piimages.cli.command.image;

import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.PartitionOptions;
import org.example.piimages.cli.command.PassphraseOption;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Service;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl mount}. */
public final class MountCommand implements Subcommand {

    private static final String READ_ONLY = "--read-only";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "mount", "IMAGE", "Mount an image and print its mount point");
        spec.addOption(Options.flag(READ_ONLY, "Mount the image read-only; the file is not changed, byte for byte"));
        PartitionOptions.addTo(spec);
        spec.addPositional(Options.file("IMAGE", "The image file, or a card: /dev/sdX"));
        spec.usageMessage().footer("", "You access the files as the image's root does; other users cannot access them.", "",
                "  cd \"$(piimagesctl mount raspios.img)\"");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        String image = PassphraseOption.with(arguments, file, session,
                passphrase -> session.service(passphrase).change(call(arguments, file, passphrase))[0].toString());
        Service service = session.service();
        Map<String, Object> properties = service.properties(image, Names.IMAGE);
        if (session.output().wantsJson()) {
            session.output().json(properties);
        } else {
            session.output().result(properties.get("MountPoint").toString());
        }
        return ExitCode.OK;
    }

    /** Returns the method call for these arguments. */
    static Call call(ParseResult arguments, ImageFile file, Map<String, Variant<?>> passphrase) {
        Map<String, Variant<?>> options = new TreeMap<>(passphrase);
        if (arguments.hasMatchedOption(READ_ONLY)) {
            options.put(Names.OPTION_READ_ONLY, new Variant<>(true));
        }
        PartitionOptions.pass(arguments, options);
        return Call.manager("MountImage", "sa{sv}", file.path(), options);
    }
}
