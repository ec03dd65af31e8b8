package org.example.piimages.cli.command.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.download.OsEntry;
import org.example.piimages.build.download.OsListing;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.fetch.Fetch;
import org.example.piimages.build.fetch.FetchPlan;
import org.example.piimages.build.fetch.FetchRequest;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.ChecksumOptions;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.ByteCount;
import org.example.piimages.cli.output.DownloadDisplay;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.output.Table;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.cli.terminal.SshHangupWatch;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl fetch}. */
public final class FetchCommand implements Subcommand {

    private static final String KEEP_PACKED = "--keep-packed";
    private static final int NAME = 1;
    private static final int FILE = 2;

    private final Function<List<String>, CommandLine> commands;

    /** Creates the command; {@code commands} returns the model for the arguments of another command, which unpacks the download. */
    public FetchCommand(Function<List<String>, CommandLine> commands) {
        this.commands = commands;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = Subcommand.describe(this, "fetch", "LIST [NAME [FILE]]",
                "List published images, or download and unpack one");
        spec.usageMessage().customSynopsis(Options.PROGRAM + " fetch [OPTION]... LIST [NAME [FILE]]",
                Options.PROGRAM + " fetch [OPTION]... URL [FILE]");
        ChecksumOptions.addTo(spec);
        spec.addOption(Options.flag(KEEP_PACKED, "Create FILE as it is downloaded, without unpacking it"));
        spec.addOption(Options.value(BuildCommand.CACHE_SIZE, "SIZE", "The maximum size of the cache (" + BuildCommand.DEFAULT_CACHE_SIZE
                + "); the least recently used entries are removed"));
        spec.addOption(Options.flag(DryRun.OPTION, "Show what would be downloaded and how it would be verified"));
        spec.addPositional(Options.word(true, "LIST|URL", "A list of Raspberry Pi Imager, a file or URL; or the URL of an image"));
        spec.addPositional(word(NAME, "NAME", "The image in LIST: its name, or an unambiguous part of it"));
        spec.addPositional(word(FILE, "FILE", "The file to create, which must not exist; named after the download by default"));
        spec.usageMessage().footer("", "Downloads are kept in the cache, and resumed if they were interrupted;", "see: piimagesctl cache",
                "", "@|bold Examples:|@",
                "  piimagesctl fetch os_list.json",
                "  piimagesctl fetch os_list.json 'Raspberry Pi OS Lite (64-bit)' raspios.img");
        return spec;
    }

    private static PositionalParamSpec word(int place, String label, String description) {
        return PositionalParamSpec.builder().index(String.valueOf(place)).type(label.equals("FILE") ? File.class : String.class)
                .arity("0..1").required(false).paramLabel(label).description(description).build();
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        Output output = session.output();
        long maxSize = ByteCount.parse(arguments.matchedOptionValue(BuildCommand.CACHE_SIZE, BuildCommand.DEFAULT_CACHE_SIZE));
        Cache cache = BuildCommand.cache();
        try (DownloadDisplay display = new DownloadDisplay(output)) {
            Fetch fetch = Fetch.of(request(arguments, cache, display));
            if (fetch.listing() != null) {
                show(output, fetch.listing());
            } else if (DryRun.isWanted(arguments)) {
                showPlan(output, fetch.plan());
                DryRun.printNote(arguments, output);
            } else {
                SshHangupWatch.start();
                FetchPlan plan = fetch.plan();
                fetch.run(new BuildImages(commands, session, output.options()));
                cache.pruneUnlessUsed(maxSize);
                show(output, plan);
            }
            return ExitCode.OK;
        } catch (BuildException e) {
            throw new CommandFailure(e.status(), e.getMessage());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the file was created, but the cache cannot be read: " + e.getMessage());
        }
    }

    private static FetchRequest request(ParseResult arguments, Cache cache, DownloadDisplay display) {
        // Verifies the syntax like unpack.
        ChecksumOptions.pass(arguments, new TreeMap<>());
        List<String> words = new ArrayList<>();
        for (int i = NAME; i <= FILE && arguments.hasMatchedPositional(i); i++) {
            String word = arguments.matchedPositionalValue(i, (Object) "").toString();
            // Verifies that the word can be passed to the service: it may be the name of a file.
            ImageFile.of(new File(word));
            words.add(word);
        }
        return new FetchRequest(arguments.matchedPositionalValue(0, ""), words, cache, ChecksumOptions.given(arguments),
                ChecksumOptions.isWanted(arguments), arguments.hasMatchedOption(KEEP_PACKED), display);
    }

    private static void show(Output output, OsListing listing) {
        if (output.wantsJson()) {
            output.json(listing.entries().stream().map(FetchCommand::fields).toList());
        } else {
            Table table = new Table("NAME", "SIZE", "DOWNLOAD", "RELEASED", "DEVICES");
            for (OsEntry entry : listing.entries()) {
                table.add(entry.path(), size(output, entry.size()), size(output, entry.downloadSize()), entry.released(),
                        String.join(" ", entry.devices()));
            }
            output.table(table, Output.count(listing.entries().size(), "image", "listed"));
        }
        listing.gaps().forEach(gap -> System.err.println("piimagesctl: the list is incomplete: " + Printable.of(gap)));
    }

    private static String size(Output output, long size) {
        return size == 0 ? "" : output.size(size);
    }

    private static Map<String, Object> fields(OsEntry entry) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", entry.name());
        fields.put("groups", entry.groups());
        fields.put("url", entry.address());
        fields.put("size", entry.size());
        fields.put("sha256", entry.sha256());
        fields.put("download_size", entry.downloadSize());
        fields.put("download_sha256", entry.downloadSha256());
        fields.put("released", entry.released());
        fields.put("devices", entry.devices());
        return fields;
    }

    private static Map<String, Object> fields(FetchPlan plan) {
        return new TreeMap<>(Map.of("url", plan.address(), "file", plan.file().toString(), "unpacked", plan.isUnpacked(), "compared_with",
                plan.comparedWith()));
    }

    private static void showPlan(Output output, FetchPlan plan) {
        if (output.wantsJson()) {
            Map<String, Object> fields = fields(plan);
            fields.put("download_size", plan.size());
            fields.put("state", plan.state());
            output.json(fields);
            return;
        }
        output.result("URL: " + plan.address() + " (" + plan.state() + (plan.size() == 0 ? "" : ", " + output.size(plan.size())) + ")");
        output.result("file: " + plan.file() + (plan.isUnpacked() ? " (unpacked)" : " (as it is downloaded)"));
        output.result("compared with: " + plan.comparedWith());
    }

    private static void show(Output output, FetchPlan plan) throws IOException {
        long size = Files.size(plan.file());
        if (output.wantsJson()) {
            Map<String, Object> fields = fields(plan);
            fields.put("size", size);
            fields.put("verified", plan.isVerified());
            output.json(fields);
        } else {
            output.result(plan.file() + ": " + output.size(size) + " (" + (plan.isVerified() ? "verified: " : "compared with ")
                    + plan.comparedWith() + ")");
        }
    }
}
