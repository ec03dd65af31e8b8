package org.example.piimages.cli.command.machine;

import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.MachineEntry;
import org.example.piimages.cli.service.Service;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl terminate}. */
public final class TerminateCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Subcommand.describe(this, "terminate", "MACHINE", "Terminate a machine, or power off a booted one");
        spec.addPositional(Options.word(true, "MACHINE", "The name of the machine"));
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        String name = arguments.matchedPositionalValue(0, "");
        Service service = session.service();
        MachineEntry machine = service.machineOrNull(name);
        if (machine == null) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "no machine " + name + " is running; see: piimagesctl machines");
        }
        service.change(Call.object(machine.object(), Names.MACHINE, "Terminate", ""));
        return ExitCode.OK;
    }
}
