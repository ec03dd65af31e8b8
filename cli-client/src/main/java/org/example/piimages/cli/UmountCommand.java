package org.example.piimages.cli;

import java.util.Map;
import org.example.piimages.contract.Names;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** piimagesctl umount */
final class UmountCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(this, "umount", "IMAGE|MOUNTPOINT", "Unmount an image; all is written to it then");
        spec.addPositional(Options.file("IMAGE|MOUNTPOINT", "The image file, or where it is mounted"));
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, null));
        Service service = session.service();
        service.change(Call.object(service.image(file), Names.IMAGE, "Unmount", "a{sv}", Map.of()));
        return ExitCode.OK;
    }
}
