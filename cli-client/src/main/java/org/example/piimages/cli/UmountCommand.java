package org.example.piimages.cli;

import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** piimagesctl umount */
final class UmountCommand implements Subcommand {

    private static final String LAZY = "--lazy";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(this, "umount", "IMAGE|MOUNTPOINT", "Unmount an image; all is written to it then");
        spec.addOption(Options.flag(LAZY, "Also while somebody uses it: nobody finds it any more, and it is free with its last user"));
        spec.addPositional(Options.file("IMAGE|MOUNTPOINT", "The image file, or where it is mounted"));
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
