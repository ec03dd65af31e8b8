package org.example.piimages.cli.command.build;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.ByteCount;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl cache}. */
public final class CacheCommand implements Subcommand {

    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Subcommand.describe(this, "cache", "[list|prune|remove [ENTRY]...]", "Show or clean the cache of builds and downloads");
        spec.addOption(Options.value(BuildCommand.CACHE_SIZE, "SIZE",
                "The size to which prune reduces the cache (" + BuildCommand.DEFAULT_CACHE_SIZE + ")"));
        spec.addPositional(Options.word(false, "list|prune|remove", "The action; remove without ENTRY removes all entries"));
        spec.addPositional(PositionalParamSpec.builder().index("1..*").type(List.class).auxiliaryTypes(String.class).arity("0..*")
                .paramLabel("ENTRY").description("The entry to remove, as shown by list").build());
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        String what = arguments.matchedPositionalValue(0, "list");
        try {
            Cache cache = BuildCommand.cache();
            // A build must not lose steps while it runs.
            LockFile lock = what.equals("list") ? cache.lockShared() : cache.lockExclusively();
            try {
                act(what, cache, arguments, session.output());
            } finally {
                lock.close();
            }
            return ExitCode.OK;
        } catch (BuildException e) {
            throw new CommandFailure(e.status(), e.getMessage());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot read or change the cache: " + e.getMessage());
        }
    }

    private static void act(String what, Cache cache, ParseResult arguments, Output output) throws IOException {
        switch (what) {
            case "list" -> list(cache, output);
            case "prune" -> {
                long maxSize = ByteCount.parse(arguments.matchedOptionValue(BuildCommand.CACHE_SIZE, BuildCommand.DEFAULT_CACHE_SIZE));
                output.result(output.size(cache.prune(maxSize)) + " freed");
            }
            case "remove" -> remove(cache, arguments.matchedPositionalValue(1, List.of()));
            default -> throw new ParameterException(arguments.commandSpec().commandLine(), "'" + what + "' is not one of list, prune,"
                    + " remove");
        }
    }

    private static void list(Cache cache, Output output) throws IOException {
        List<Map<String, Object>> rows = new ArrayList<>();
        Table table = new Table("ENTRY", "SIZE", "LAST USED", "WHAT");
        long total = 0;
        for (Cache.Entry entry : cache.entries()) {
            String used = entry.used().toString().substring(0, 10);
            table.add(entry.name(), output.size(entry.size()), used, entry.title());
            rows.add(new TreeMap<>(Map.of("entry", entry.name(), "size", entry.size(), "used", entry.used().toString(), "what",
                    entry.title())));
            total += entry.size();
        }
        if (output.wantsJson()) {
            output.json(rows);
        } else {
            output.table(table, rows.isEmpty() ? "The cache is empty." : output.size(total) + " in the cache.");
        }
    }

    private static void remove(Cache cache, List<String> entries) throws IOException {
        if (entries.isEmpty()) {
            cache.clear();
        }
        for (String entry : entries) {
            if (!cache.remove(entry)) {
                throw new CommandFailure(ExitCode.NOT_FOUND, "there is no entry '" + entry + "' in the cache; see: piimagesctl cache list");
            }
        }
    }
}
