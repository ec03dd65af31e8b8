package org.example.piimages.cli.command.machine;

import java.util.List;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.MachineEntry;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl machines}. */
public final class MachinesCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        return Subcommand.describe(this, "machines", "", "List running machines");
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<MachineEntry> machines = session.service().machines();
        Output output = session.output();
        if (output.wantsJson()) {
            output.json(machines.stream().map(MachineEntry::fields).toList());
            return ExitCode.OK;
        }
        Table table = new Table("MACHINE", "IMAGE", "OWNER", "UNIT");
        for (MachineEntry machine : machines) {
            table.add(machine.name(), machine.file(), Long.toString(machine.owner()), machine.unit());
        }
        output.table(table, Output.count(machines.size(), "machine", "running"));
        return ExitCode.OK;
    }
}
