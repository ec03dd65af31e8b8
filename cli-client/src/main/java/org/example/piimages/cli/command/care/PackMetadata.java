package org.example.piimages.cli.command.care;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.HeldMount;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.example.piimages.firstboot.FirstBoot;
import org.example.piimages.firstboot.failure.FirstBootException;
import org.example.piimages.firstboot.file.SystemName;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The option of pack that creates the files that are published with an image, and the data of the image that this process collects. */
final class PackMetadata {

    private static final String OPTION = "--metadata";
    /** The CPU architectures of Raspberry Pi computers, as in the property Architecture of the service. */
    private static final String ARM_32 = "armv7l";
    private static final Set<String> RASPBERRY_PI = Set.of(ARM_32, "aarch64");
    private static final String ARMV6 = "armv6l";
    private static final String NOT_SET_UP = "does not let Raspberry Pi Imager set the image up";

    private PackMetadata() {
    }

    static void addTo(CommandSpec spec) {
        spec.addOption(Options.flag(OPTION, "Also create TARGET.sha256, and for the image a .bmap and a .rpi-imager-manifest"));
    }

    /** If the option was specified, mounts the image temporarily, and adds the data for the manifest to the options of the method call. */
    static void pass(ParseResult arguments, Session session, ImageFile image, Map<String, Variant<?>> options) {
        if (!arguments.hasMatchedOption(OPTION)) {
            return;
        }
        options.put(Names.OPTION_METADATA, new Variant<>(true));
        try (HeldMount held = HeldMount.of(session.service(), image, true, Map.of())) {
            held.work(place -> collect(place, held.property("Architecture"), options));
        } catch (FirstBootException e) {
            warn(session.output(), NOT_SET_UP, e.getMessage());
        } catch (RemoteError | CommandFailure e) {
            // Not fatal: if the file itself is invalid, packing it fails with its own message.
            warn(session.output(), NOT_SET_UP, ErrorText.of(e).getMessage());
        }
        if (!options.containsKey(Names.OPTION_ARCHITECTURE)) {
            warn(session.output(), "is for all models", "the image has no programs for the CPU of a Raspberry Pi, or they were not found");
        }
    }

    private static void collect(Path place, String architecture, Map<String, Variant<?>> options) throws FirstBootException {
        SystemName name = SystemName.of(place);
        options.put(Names.OPTION_NAME, new Variant<>(name.title()));
        if (RASPBERRY_PI.contains(architecture)) {
            boolean isFirst = architecture.equals(ARM_32) && name.isRaspbian();
            options.put(Names.OPTION_ARCHITECTURE, new Variant<>(isFirst ? ARMV6 : architecture));
        }
        options.put(Names.OPTION_INIT_FORMAT, new Variant<>(FirstBoot.of(place).imagerName()));
    }

    private static void warn(Output output, String what, String reason) {
        if (!output.isQuiet()) {
            System.err.println(Printable.of("note: the manifest " + what + ", because " + reason));
        }
    }

    /** Prints the created files and a note about them; prints nothing if the result has no such files, or with --json. */
    static void show(Output output, Map<?, ?> result) {
        if (output.wantsJson() || !(result.get("files") instanceof List<?> files)) {
            return;
        }
        files.forEach(file -> output.result(file.toString()));
        String note = (String) result.get("note");
        if (!note.isEmpty()) {
            output.result("note: " + note);
        }
    }
}
