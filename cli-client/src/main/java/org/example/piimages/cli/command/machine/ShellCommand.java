package org.example.piimages.cli.command.machine;

import java.io.File;
import java.util.List;
import org.example.piimages.cli.command.PassphraseOption;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.MachineEntry;
import org.example.piimages.cli.service.Service;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl shell}. */
public final class ShellCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "shell", "IMAGE|MACHINE [COMMAND [ARGUMENT]...]",
                "Start a shell in an image or a booted machine");
        RunRequest.addTo(spec);
        spec.addPositional(Options.word(true, "IMAGE|MACHINE", "The image file, a card: /dev/sdX, or the name of a booted machine"));
        spec.addPositional(PositionalParamSpec.builder().index("1..*").type(List.class).auxiliaryTypes(String.class).arity("0..*")
                .paramLabel("COMMAND").description("The program to run instead of the user's login shell, and its arguments").build());
        spec.parser().stopAtPositional(true);
        spec.usageMessage().footer("", "If the image is booted, the shell runs as a service of that machine; otherwise",
                "a new machine is started for it. On a terminal, Ctrl-] three times within a",
                "second ends the session.", "",
                "@|bold Examples:|@",
                "  piimagesctl shell raspios.img",
                "  piimagesctl shell --user=pi raspios",
                "  piimagesctl shell raspios systemctl list-units --failed");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<String> words = arguments.hasMatchedPositional(1) ? arguments.matchedPositionalValue(1, List.of()) : List.of();
        String subject = arguments.matchedPositionalValue(0, "");
        Service service = session.serviceWithFds();
        try {
            // A name with a slash is always a file; any other is a machine if there is one of that name, otherwise a file.
            MachineEntry machine = subject.indexOf('/') >= 0 ? null : service.machineOrNull(subject);
            ImageFile file = machine == null ? ImageFile.of(new File(subject)) : null;
            if (machine == null) {
                machine = booted(service, file);
            }
            RunRequest request = RunRequest.shell(arguments, file, machine == null ? null : machine.object(), words);
            if (machine != null && (!request.machineOptions().isPlain() || arguments.hasMatchedOption(PassphraseOption.NAME))) {
                throw new ParameterException(arguments.commandSpec().commandLine(),
                        "machine " + machine.name() + " is already running; options for a new machine cannot be used");
            }
            return PassphraseOption.with(arguments, request.file(), session,
                    passphrase -> new ForegroundRun(service, request.with(passphrase)).run());
        } catch (RemoteError | CommandFailure e) {
            throw RunCommand.asRunFailure(ErrorText.of(e));
        }
    }

    /** Returns the machine in which the init of the image itself, not of an ephemeral copy, is running; null if there is none. */
    private static MachineEntry booted(Service service, ImageFile file) {
        return service.machines().stream().filter(machine -> machine.file().equals(file.path()))
                .filter(machine -> Boolean.TRUE.equals(service.properties(machine.object(), Names.MACHINE).get("Booted")))
                .filter(machine -> Boolean.FALSE.equals(service.properties(machine.object(), Names.MACHINE).get("Ephemeral")))
                .findFirst().orElse(null);
    }

    @Override
    public int usageExitCode() {
        return ExitCode.RUN_FAILED;
    }
}
