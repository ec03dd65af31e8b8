package org.example.piimages.cli.command.image;

import java.util.Map;
import java.util.TreeMap;
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

/** The command {@code piimagesctl umount}. */
public final class UmountCommand implements Subcommand {

    private static final String LAZY = "--lazy";

    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Subcommand.describe(this, "umount", "IMAGE|MOUNTPOINT", "Unmount an image; all data has then been written to the file");
        spec.addOption(Options.flag(LAZY, "Unmount the image even if it is in use; it is freed when its last user has exited"));
        spec.addPositional(Options.file("IMAGE|MOUNTPOINT", "The image file, the card, or the mount point"));
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        Service service = session.service();
        Map<String, Variant<?>> options = new TreeMap<>();
        if (arguments.hasMatchedOption(LAZY)) {
            options.put(Names.OPTION_LAZY, new Variant<>(true));
        }
        service.change(Call.object(service.image(file), Names.IMAGE, "Unmount", "a{sv}", options));
        return ExitCode.OK;
    }
}
