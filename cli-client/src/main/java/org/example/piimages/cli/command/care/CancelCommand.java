package org.example.piimages.cli.command.care;

import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.Session;
import org.example.piimages.contract.Names;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl cancel}. */
public final class CancelCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "cancel", "JOB", "Cancel a job");
        spec.addPositional(Options.word(true, "JOB", "The job number, as listed by jobs"));
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        String job = arguments.matchedPositionalValue(0, "");
        if (!job.matches("[0-9]{1,18}")) {
            throw new CommandFailure(ExitCode.USAGE, "'" + Printable.of(job) + "' is not a job number; see: piimagesctl jobs");
        }
        session.service().change(Call.object(Names.JOB_PATH_PREFIX + job, Names.JOB, "Cancel", ""));
        return ExitCode.OK;
    }
}
