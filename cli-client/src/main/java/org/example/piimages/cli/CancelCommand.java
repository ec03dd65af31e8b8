package org.example.piimages.cli;

import org.example.piimages.contract.Names;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** piimagesctl cancel */
final class CancelCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Options.command(this, "cancel", "JOB", "Cancel a job; its image is then in its previous state");
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
