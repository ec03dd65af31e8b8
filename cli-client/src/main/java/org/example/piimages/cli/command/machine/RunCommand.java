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
import org.example.piimages.cli.service.Session;
import org.example.piimages.dbus.RemoteError;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl run}. */
public final class RunCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "run", "IMAGE -- COMMAND [ARGUMENT]...", "Run a command in an image, mounted or not");
        RunRequest.addTo(spec);
        spec.addPositional(Options.file("IMAGE", "The image file, or a card: /dev/sdX"));
        spec.addPositional(PositionalParamSpec.builder().index("1..*").type(List.class).auxiliaryTypes(String.class).arity("0..*")
                .paramLabel("COMMAND").description("The program, looked up in the image's PATH, and its arguments").build());
        // All arguments after the image belong to the command, with or without "--".
        spec.parser().stopAtPositional(true);
        spec.usageMessage().footer("", "Ctrl-C terminates the command, and the image is no longer in use.",
                "Exit status: that of the command; 128+n: terminated by signal n; 127: not",
                "found; 126: not executable; 125: PiImages failed.", "",
                "@|bold Examples:|@",
                "  piimagesctl run raspios.img -- bash",
                "  piimagesctl run -E LANG=C.UTF-8 raspios.img -- apt-get -y upgrade",
                "  tar c . | piimagesctl run --directory /srv raspios.img -- tar x");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<String> words = arguments.hasMatchedPositional(1) ? arguments.matchedPositionalValue(1, List.of()) : List.of();
        try {
            RunRequest request = RunRequest.of(arguments, ImageFile.of(arguments.matchedPositionalValue(0, (File) null)), words);
            return PassphraseOption.with(arguments, request.file(), session,
                    passphrase -> new ForegroundRun(session.serviceWithFds(), request.with(passphrase)).run());
        } catch (RemoteError | CommandFailure e) {
            throw asRunFailure(ErrorText.of(e));
        }
    }

    /** Returns the failure with the exit status 125, unless it is one of the command: scripts must be able to distinguish the two. */
    static CommandFailure asRunFailure(CommandFailure failure) {
        boolean ofTheCommand = failure.exitCode() == ExitCode.COMMAND_NOT_FOUND || failure.exitCode() == ExitCode.COMMAND_NOT_EXECUTABLE;
        return ofTheCommand ? failure : new CommandFailure(ExitCode.RUN_FAILED, failure.getMessage());
    }

    @Override
    public int usageExitCode() {
        return ExitCode.RUN_FAILED;
    }
}
