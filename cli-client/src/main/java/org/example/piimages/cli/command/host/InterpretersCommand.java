package org.example.piimages.cli.command.host;

import java.util.List;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.InterpreterEntry;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl interpreters}. */
public final class InterpretersCommand implements Subcommand {

    private static final String MISSING = "missing";

    @Override
    public CommandSpec spec() {
        return Subcommand.describe(this, "interpreters", "", "Show how programs for each CPU run on this host");
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<InterpreterEntry> interpreters = session.service().interpreters();
        Output output = session.output();
        if (output.wantsJson()) {
            output.json(interpreters.stream().map(InterpreterEntry::fields).toList());
            return ExitCode.OK;
        }
        Table table = new Table("CPU", "STATE", "INTERPRETER", "ENTRY", "FLAGS", "BY");
        for (InterpreterEntry one : interpreters) {
            boolean missing = one.state().equals(MISSING);
            table.add(one.architecture(), one.state(), missing ? "(install " + one.interpreter() + ")" : one.interpreter(), one.entry(),
                    one.flags(), one.entry().isEmpty() ? "" : one.ours() ? "PiImages" : "system");
        }
        output.table(table, Output.count(interpreters.size(), "CPU", "listed"));
        return ExitCode.OK;
    }
}
