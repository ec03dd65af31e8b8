package org.example.piimages.cli.command.host;

import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The commands {@code piimagesctl register-interpreter} and {@code unregister-interpreter}. */
public final class InterpreterRegistrationCommand implements Subcommand {

    private final String name;
    private final String member;
    private final String description;

    /** Creates the command {@code name}, which calls the method {@code member} of the service. */
    public InterpreterRegistrationCommand(String name, String member, String description) {
        this.name = name;
        this.member = member;
        this.description = description;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, name, "CPU", description);
        spec.addPositional(PositionalParamSpec.builder().index("0").type(String.class).arity("1").required(true).paramLabel("CPU")
                .description("The CPU architecture, as printed by uname -m: armv7l or aarch64").build());
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        session.service().change(Call.manager(member, "s", arguments.<String>matchedPositionalValue(0, "")));
        return ExitCode.OK;
    }
}
