package org.example.piimages.cli.command.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.example.piimages.build.Build;
import org.example.piimages.build.BuildRequest;
import org.example.piimages.build.BuildResult;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.cli.command.DryRun;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.failure.Printable;
import org.example.piimages.cli.option.ChecksumOptions;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.output.ByteCount;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.Session;
import org.example.piimages.cli.terminal.StandardStream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** The command {@code piimagesctl build}. */
public final class BuildCommand implements Subcommand {

    static final String DEFAULT_CACHE_SIZE = "20G";
    static final String CACHE_SIZE = "--cache-size";
    private static final String NO_CACHE = "--no-cache";
    private static final String TARGET_STEP = "--target-step";
    private static final String SHA256 = "--sha256";
    private static final String OS_LIST = "--os-list";
    private static final String NO_VERIFY = "--no-verify";
    private static final String SHELL_ON_ERROR = "--shell-on-error";
    private static final String DEFAULT_RECIPE = "Pifile";

    private final Function<List<String>, CommandLine> commands;

    /** Creates the command; {@code commands} returns the model for the arguments of another command, which the build executes. */
    public BuildCommand(Function<List<String>, CommandLine> commands) {
        this.commands = commands;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Subcommand.describe(this, "build", "[RECIPE]", "Build an image from a recipe; unchanged steps are not repeated");
        spec.addOption(Options.flag(NO_CACHE, "Execute all steps"));
        spec.addOption(Options.value(TARGET_STEP, "LINE", "Stop after the step on line LINE of the recipe"));
        spec.addOption(Options.value(SHA256, "HEX", "Verify the packed file of FROM, or the image in it, against this SHA-256"));
        spec.addOption(
                Options.value(OS_LIST, "LIST", "Verify the image in the download against this list of Raspberry Pi Imager, a file or URL"));
        spec.addOption(Options.flag(NO_VERIFY, "Do not verify the packed file"));
        spec.addOption(
                Options.value(CACHE_SIZE, "SIZE", "The maximum size of the cache (" + DEFAULT_CACHE_SIZE + "); the least recently"
                        + " used entries are removed"));
        spec.addOption(Options.flag(SHELL_ON_ERROR, "Start a shell in the image if a step fails"));
        spec.addOption(Options.flag(DryRun.OPTION, "List the steps and which of them are cached; build nothing"));
        spec.addPositional(Options.file("RECIPE", "The recipe; " + DEFAULT_RECIPE + " by default").toBuilder().arity("0..1")
                .required(false).build());
        spec.usageMessage().footer("", "bash executes the recipe with your rights. The image is created when all steps",
                "have succeeded. pifile(5) describes the commands.",
                "", "@|bold Example:|@", "  piimagesctl build upgrade.Pifile");
        return spec;
    }

    @Override
    public int run(ParseResult arguments, Session session) {
        Output output = session.output();
        boolean isDryRun = DryRun.isWanted(arguments);
        List<String> plan = new ArrayList<>();
        Consumer<String> progress = isDryRun ? plan::add : line -> printProgress(output, line);
        BuildRequest request = request(arguments, progress);
        long maxSize = ByteCount.parse(arguments.matchedOptionValue(CACHE_SIZE, DEFAULT_CACHE_SIZE));
        try {
            if (isDryRun) {
                showPlan(output, request, plan);
                DryRun.printNote(arguments, output);
                return ExitCode.OK;
            }
            BuildResult result = Build.run(new BuildImages(commands, session, output.options()), request);
            request.cache().pruneUnlessUsed(maxSize);
            show(output, result);
            return ExitCode.OK;
        } catch (BuildException e) {
            throw new CommandFailure(e.status(), e.getMessage());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "the image was created, but the cache cannot be read: " + e.getMessage());
        }
    }

    private static BuildRequest request(ParseResult arguments, Consumer<String> progress) {
        File recipe = arguments.matchedPositionalValue(0, new File(DEFAULT_RECIPE));
        String line = arguments.matchedOptionValue(TARGET_STEP, "0");
        if (!line.matches("[0-9]{1,9}")) {
            throw new CommandFailure(ExitCode.USAGE, TARGET_STEP + " requires a line number, not '" + line + "'");
        }
        boolean shellOnError = arguments.hasMatchedOption(SHELL_ON_ERROR);
        if (shellOnError && !StandardStream.areTerminals()) {
            throw new CommandFailure(ExitCode.USAGE, SHELL_ON_ERROR + " requires a terminal as standard input and output");
        }
        // Verifies the syntax like unpack.
        ChecksumOptions.pass(arguments, new TreeMap<>());
        String list = arguments.matchedOptionValue(OS_LIST, null);
        if (list != null && (arguments.hasMatchedOption(SHA256) || arguments.hasMatchedOption(NO_VERIFY))) {
            throw new CommandFailure(ExitCode.USAGE, OS_LIST + ", " + SHA256 + " and " + NO_VERIFY + " cannot be combined");
        }
        return new BuildRequest(recipe.toPath(), cache(), !arguments.hasMatchedOption(NO_CACHE), Integer.parseInt(line),
                ChecksumOptions.given(arguments), list, ChecksumOptions.isWanted(arguments), shellOnError,
                DryRun.isWanted(arguments), progress);
    }

    /**
     * Opens the cache of the user, in the directory of the XDG Base Directory Specification.
     *
     * @throws CommandFailure if it cannot be created, or belongs to another user
     */
    static Cache cache() {
        String set = System.getenv("XDG_CACHE_HOME");
        Path home = Path.of(System.getProperty("user.home"));
        Path directory = (set == null || !set.startsWith("/") ? home.resolve(".cache") : Path.of(set)).resolve("piimages");
        try {
            if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS) && !(isOwn(directory, LinkOption.NOFOLLOW_LINKS) && isOwn(directory))) {
                throw new CommandFailure(ExitCode.DENIED, "the cache " + directory + " belongs to another user; set XDG_CACHE_HOME");
            }
            return Cache.in(directory);
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED,
                    "cannot create the cache " + directory + ": " + e.getMessage() + "; set XDG_CACHE_HOME");
        }
    }

    /** Returns whether a directory belongs to the user; with NOFOLLOW_LINKS, tests the symbolic link itself, which its owner can change. */
    private static boolean isOwn(Path directory, LinkOption... options) throws IOException {
        return Files.getOwner(directory, options).equals(Files.getOwner(Path.of("/proc/self")));
    }

    private static void printProgress(Output output, String line) {
        if (output.wantsProgress()) {
            // Not through the output: the messages of bash and of programs in the image appear between these lines in order.
            System.err.println(Printable.of(line));
        }
    }

    /** Returns the path relative to the current directory if the file is below it; otherwise the path itself. */
    private static Path shortest(Path file) {
        Path currentDirectory = Path.of("").toAbsolutePath();
        return file.startsWith(currentDirectory) ? currentDirectory.relativize(file) : file;
    }

    private static void show(Output output, BuildResult result) throws IOException {
        long size = Files.size(result.file());
        if (output.wantsJson()) {
            output.json(new TreeMap<>(Map.of("file", result.file().toString(), "size", size, "steps", result.done(), "cached",
                    result.cached(), "unchanged", result.isUnchanged())));
        } else {
            output.result(
                    shortest(result.file()) + ": " + output.size(size) + " (" + steps(result) + ")");
        }
    }

    private static String steps(BuildResult result) {
        return result.done() + (result.done() == 1 ? " step, " : " steps, ") + result.cached() + " cached"
                + (result.isUnchanged() ? ", unchanged" : "");
    }

    /** Prints a line for each command of the recipe, and one for the image. */
    private static void showPlan(Output output, BuildRequest request, List<String> plan) throws BuildException {
        BuildResult result = Build.dryRun(request);
        if (output.wantsJson()) {
            output.json(new TreeMap<>(Map.of("file", result.file().toString(), "steps", result.done(), "cached", result.cached(),
                    "unchanged", result.isUnchanged(), "plan", plan)));
            return;
        }
        plan.forEach(line -> output.result(Printable.of(line)));
        output.result(Printable.of(shortest(result.file()).toString()) + ": " + steps(result));
    }
}
