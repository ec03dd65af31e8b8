package org.example.piimages.cli;

import org.example.piimages.contract.Names;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** piimagesctl terminate */
final class TerminateCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Options.command(this, "terminate", "MACHINE", "Terminate a machine, or power off a booted one");
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
