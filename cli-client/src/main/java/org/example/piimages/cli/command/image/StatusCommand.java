package org.example.piimages.cli.command.image;

import java.io.File;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.command.PartitionOptions;
import org.example.piimages.cli.command.PassphraseOption;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.Details;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.ImageSummary;
import org.example.piimages.cli.service.MachineEntry;
import org.example.piimages.cli.service.Service;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl status}. */
public final class StatusCommand implements Subcommand {

    private static final String NOT_MOUNTED = "org.example.PiImages.Error.NotMounted";

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "status", "[IMAGE|MACHINE]", "Show the service, an image or a machine in detail");
        spec.addPositional(Options.word(false, "IMAGE|MACHINE", "An image file or card, mounted or not; a mount point;"
                + " or the name of a machine"));
        PartitionOptions.addTo(spec);
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        String subject = arguments.matchedPositionalValue(0, null);
        Service service = session.service();
        if (subject == null) {
            PartitionOptions.requireNone(arguments, "specify one to see what mounting it would do");
            service(service, session.output());
            return ExitCode.OK;
        }
        // A name with a slash is always a file; any other is a machine if there is one of that name, otherwise a file.
        MachineEntry machine = subject.indexOf('/') >= 0 ? null : service.machineOrNull(subject);
        if (machine != null) {
            PartitionOptions.requireNone(arguments, Printable.of(subject) + " is a machine");
            Map<String, Object> properties = service.properties(machine.object(), Names.MACHINE);
            show(session.output(), properties, Details.ofMachine(properties));
        } else {
            image(session, ImageFile.of(new File(subject)), arguments);
        }
        return ExitCode.OK;
    }

    /** Shows how an image is mounted; if it is not mounted, shows its content and what mounting it would do. */
    private static void image(Session session, ImageFile file, ParseResult arguments) {
        Service service = session.service();
        Output output = session.output();
        String object;
        try {
            object = service.image(file);
        } catch (RemoteError e) {
            if (!e.errorName().equals(NOT_MOUNTED)) {
                throw e;
            }
            Map<String, Variant<?>> options = new TreeMap<>();
            PartitionOptions.pass(arguments, options);
            ImageSummary summary = PassphraseOption.given(arguments, file, session, passphrase -> {
                options.putAll(passphrase);
                return ImageSummary.ask(session.service(options), file, options);
            });
            show(output, summary.fields(), summary.details(output::size));
            return;
        }
        PartitionOptions.requireNone(arguments, "unmount it first to see it with other partitions");
        Map<String, Object> properties = service.properties(object, Names.IMAGE);
        show(output, properties, Details.ofImage(properties, output::size));
    }

    private static void service(Service service, Output output) {
        Map<String, Object> summary = new LinkedHashMap<>();
        summary.put("Version", service.properties(Names.MANAGER_PATH, Names.MANAGER).get("Version"));
        summary.put("Images", service.images().size());
        summary.put("Machines", service.machines().size());
        show(output, summary, Details.of(summary));
    }

    private static void show(Output output, Map<String, Object> properties, Details details) {
        if (output.wantsJson()) {
            output.json(properties);
        } else {
            details.lines().forEach(output::result);
        }
    }
}
