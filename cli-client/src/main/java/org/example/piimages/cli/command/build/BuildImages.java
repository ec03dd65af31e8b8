package org.example.piimages.cli.command.build;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.command.machine.ForegroundRun;
import org.example.piimages.cli.command.machine.MachineOptions;
import org.example.piimages.cli.command.machine.RunRequest;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.GlobalOptions;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ForegroundJob;
import org.example.piimages.cli.service.HeldMount;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.service.Session;
import org.example.piimages.cli.service.Shutdown;
import org.example.piimages.cli.terminal.RedirectedStreams;
import org.example.piimages.cli.terminal.StandardStream;
import org.example.piimages.contract.Names;
import org.example.piimages.dbus.RemoteError;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Implements the operations of a build on images with the other commands of this program, over one connection to the service. */
final class BuildImages implements Images {

    /** The commands whose output is shown; users have no interest in that of the others. */
    private static final Set<String> WITH_OUTPUT = Set.of("check", "write");

    private static final long STALE_TIMEOUT = TimeUnit.SECONDS.toNanos(20);
    private static final long PAUSE_MILLIS = 200;

    private final Function<List<String>, CommandLine> commands;
    private final Session session;
    private final Session silent;
    private HeldMount mount;

    /**
     * Creates an object that uses this session for the whole build.
     *
     * @param commands returns the model for the arguments of a command
     * @param options the global options of the build
     */
    BuildImages(Function<List<String>, CommandLine> commands, Session session, GlobalOptions options) {
        this.commands = commands;
        this.session = session;
        // Before anything else: whether a connection can pass file descriptors is determined when it is opened.
        session.serviceWithFds();
        // A log file gets the lines of the recipe, but not the progress of each copy, which is only for a user at a terminal.
        GlobalOptions quiet = StandardStream.ERROR.isTerminal() ? options : options.quietly();
        this.silent = session.with(new Output(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), quiet));
    }

    /** An operation of the service. */
    private interface Work<T> {
        T done() throws BuildException;
    }

    /** Performs an operation; a failure of the service fails the build. Does not return once the shutdown of this process has begun. */
    private static <T> T perform(Work<T> work) throws BuildException {
        try {
            return work.done();
        } catch (RemoteError | CommandFailure e) {
            CommandFailure failure = ErrorText.of(e);
            throw new BuildException(failure.exitCode(), failure.getMessage());
        } finally {
            Shutdown.blockIfExiting();
        }
    }

    @Override
    public void command(List<String> words) throws BuildException {
        int status = perform(() -> {
            CommandLine commandLine = commands.apply(words);
            try {
                ParseResult command = commandLine.parseArgs(words.toArray(String[]::new)).subcommand();
                Session own = WITH_OUTPUT.contains(words.get(0)) ? session : silent;
                return ((Subcommand) command.commandSpec().userObject()).run(command, own);
            } catch (ParameterException e) {
                throw new CommandFailure(ExitCode.USAGE, e.getMessage());
            }
        });
        if (status != ExitCode.OK) {
            throw new BuildException(status, "it failed; see the messages above");
        }
    }

    @Override
    public boolean unpack(Path source, Path target, String sha256, boolean verify) throws BuildException {
        Map<String, Variant<?>> options = new TreeMap<>();
        if (sha256 != null) {
            options.put(Names.OPTION_SHA256, new Variant<>(sha256));
        } else if (!verify) {
            options.put(Names.OPTION_NO_VERIFY, new Variant<>(true));
        }
        return unpack(source, target, options);
    }

    @Override
    public boolean verify(Path source, Path target, String sha256) throws BuildException {
        Map<String, Variant<?>> options = new TreeMap<>(Map.of(Names.OPTION_DRY_RUN, new Variant<>(true)));
        if (sha256 != null) {
            options.put(Names.OPTION_SHA256, new Variant<>(sha256));
        }
        return unpack(source, target, options);
    }

    private boolean unpack(Path source, Path target, Map<String, Variant<?>> options) throws BuildException {
        Call call = Call.manager("UnpackImage", "ssa{sv}", source.toString(), target.toString(), options);
        return perform(() -> Boolean.TRUE.equals(new ForegroundJob(session.service(), silent.output()).run(call).get("verified")));
    }

    @Override
    public Path mount(Path image, int rootPartition) throws BuildException {
        Map<String, Variant<?>> options = new TreeMap<>();
        if (rootPartition > 0) {
            options.put(Names.OPTION_ROOT, new Variant<>(new UInt32(rootPartition)));
        }
        return perform(() -> {
            mount = HeldMount.of(session.serviceWithFds(), ImageFile.of(image.toFile()), false, options);
            return mount.mountPoint();
        });
    }

    @Override
    public void unmount() throws BuildException {
        HeldMount held = mount;
        mount = null;
        if (held != null) {
            perform(() -> {
                held.close();
                return held;
            });
        }
    }

    @Override
    public void unmountStale(Path image) throws BuildException {
        long end = System.nanoTime() + STALE_TIMEOUT;
        while (true) {
            try {
                command(List.of("umount", image.toString()));
                return;
            } catch (BuildException e) {
                if (e.isNotFound()) {
                    return;
                }
                if (!e.isBusy() || System.nanoTime() > end) {
                    throw e;
                }
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw BuildException.failed("interrupted");
            }
        }
    }

    @Override
    public int execute(Execution execution) throws BuildException {
        return perform(() -> {
            try (RedirectedStreams streams = RedirectedStreams.open(execution.input(), execution.output(),
                    execution.errors())) {
                RunRequest request = new RunRequest(ImageFile.of(execution.image().toFile()), null, execution.command(),
                        execution.environment(), execution.directory(), null, MachineOptions.PLAIN, streams);
                int[] status = new int[1];
                // A signal causes the image to be unmounted and the command to be terminated; the unmount must wait for the latter.
                mount.work(place -> status[0] = status(request));
                return status[0];
            }
        });
    }

    @Override
    public void shell(Execution where) throws BuildException {
        RunRequest request = new RunRequest(ImageFile.of(where.image().toFile()), null, List.of(), where.environment(), where.directory(),
                null, MachineOptions.PLAIN, null);
        perform(() -> {
            mount.work(place -> status(request));
            return request;
        });
    }

    /** Runs a command and returns its exit status. As in a shell, a command that is missing or not executable has an exit status, too. */
    private int status(RunRequest request) {
        try {
            return new ForegroundRun(session.serviceWithFds(), request).run();
        } catch (RemoteError e) {
            CommandFailure failure = ErrorText.of(e);
            if (failure.exitCode() != ExitCode.COMMAND_NOT_FOUND && failure.exitCode() != ExitCode.COMMAND_NOT_EXECUTABLE) {
                throw e;
            }
            failure.reportTo(System.err);
            return failure.exitCode();
        }
    }
}
