package org.example.piimages.cli.command.care;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.PlainValues;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl jobs}. */
public final class JobsCommand implements Subcommand {

    private static final List<String> NAMES = List.of("object", "operation", "image", "owner", "state", "step", "progress");

    @Override
    public CommandSpec spec() {
        return Subcommand.describe(this, "jobs", "", "List jobs in progress, and those that ended recently");
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        List<?> jobs = (List<?>) PlainValues.of(session.service().ask(Call.manager("ListJobs", ""))[0]);
        Output output = session.output();
        if (output.wantsJson()) {
            output.json(jobs.stream().map(job -> fields((List<?>) job)).toList());
            return ExitCode.OK;
        }
        Table table = new Table("JOB", "OPERATION", "IMAGE", "OWNER", "STATE", "STEP");
        for (Object entry : jobs) {
            List<?> job = (List<?>) entry;
            String object = job.get(0).toString();
            double progress = ((Number) job.get(6)).doubleValue();
            table.add(object.substring(object.lastIndexOf('/') + 1), job.get(1).toString(), job.get(2).toString(), job.get(3).toString(),
                    job.get(4).toString(), job.get(5) + (progress == 0 ? "" : String.format(Locale.ROOT, " %.0f%%", progress * 100)));
        }
        output.table(table, Output.count(jobs.size(), "job", "listed"));
        return ExitCode.OK;
    }

    private static Map<String, Object> fields(List<?> job) {
        Map<String, Object> fields = new LinkedHashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
            fields.put(NAMES.get(i), job.get(i));
        }
        return fields;
    }
}
