package org.example.piimages.cli.command.machine;

import java.io.File;
import java.util.Map;
import java.util.TreeMap;
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

/** The command {@code piimagesctl boot}. */
public final class BootCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "boot", "IMAGE", "Boot the init of an image and print the name of the machine");
        MachineOptions.addTo(spec);
        spec.addPositional(Options.file("IMAGE", "The image file, or a card: /dev/sdX"));
        spec.usageMessage().footer("", "The machine runs until it is powered off. Its network is private by default.", "",
                "@|bold Examples:|@",
                "  piimagesctl boot raspios.img",
                "  piimagesctl shell raspios systemctl status",
                "  journalctl -M raspios",
                "  machinectl poweroff raspios",
                "  piimagesctl boot --ephemeral --network=host raspios.img");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        ImageFile file = ImageFile.of(arguments.matchedPositionalValue(0, (File) null));
        Map<String, Variant<?>> options = new TreeMap<>();
        MachineOptions.of(arguments).addTo(options);
        String machine = PassphraseOption.with(arguments, file, session, passphrase -> {
            Map<String, Variant<?>> all = new TreeMap<>(options);
            all.putAll(passphrase);
            return session.service(all).change(Call.manager("BootImage", "sa{sv}", file.path(), all))[0].toString();
        });
        Service service = session.service();
        Map<String, Object> properties = service.properties(machine, Names.MACHINE);
        if (session.output().wantsJson()) {
            session.output().json(properties);
        } else {
            session.output().result(properties.get("Name").toString());
        }
        return ExitCode.OK;
    }
}
