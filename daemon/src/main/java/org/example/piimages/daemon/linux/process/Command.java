package org.example.piimages.daemon.linux.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * A tool of the host that is run on an open file with a user's access rights.
 *
 * <p>It is started with an argument list and without a shell, with the C locale and nothing else of the daemon's environment, and without
 * any descriptors except its standard streams: a file that it works on is one of these, which it may open again as {@link #INPUT}. Because
 * the content is untrusted, it runs without capabilities as the user who owns the file; and in a PID namespace of its own, so that none of
 * its processes remain when it is ended.
 */
public final class Command {

    /** The name of the tool's standard input, for tools that open their file by name; proc(5). */
    public static final String INPUT = "/proc/self/fd/0";

    private static final List<String> DIRECTORIES = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");
    /**
     * The environment. BLKID_FILE prevents e2fsprogs from keeping libblkid's list of the host's devices in /run/blkid when it runs as root.
     */
    private static final Map<String, String> ENVIRONMENT =
            Map.of("LC_ALL", "C", "PATH", String.join(":", DIRECTORIES), "BLKID_FILE", "/dev/null");

    /**
     * The command that starts the tool. The first process of the namespace runs as root: without CAP_KILL, the daemon could not kill a
     * process of another user, and neither could the kernel on its behalf (--kill-child). When it ends, all others end, whatever their
     * users; it passes on the exit status of the tool. It is a shell, which does not replace itself by the tool because another command
     * follows; timeout(1) of coreutils 9.10 mistakes a parent outside of its namespace for one that has died.
     */
    private static final List<String> NAMESPACE = List.of("/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--", "/bin/sh", "-c",
            "\"$@\"; exit $?", "sh", "/usr/bin/setpriv");

    private final String name;
    private final Path program;
    private final Credentials credentials;
    private final List<String> arguments = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>(ENVIRONMENT);
    private Optional<Credentials> inputOwner = Optional.empty();
    private ProcessBuilder.Redirect input = ProcessBuilder.Redirect.from(new File("/dev/null"));
    private Optional<ProcessBuilder.Redirect> outputFile = Optional.empty();
    private RunningCommand.Output output = RunningCommand.Output.CAPTURED;

    private Command(String name, Path program, Credentials credentials) {
        this.name = name;
        this.program = program;
        this.credentials = credentials;
    }

    /**
     * Prepares a tool.
     *
     * @param name the name of the program, which is looked up only in the system's directories
     * @param debianPackage the package that contains it, for the message if it is missing
     * @param credentials the user as whom it runs
     * @throws Failure UNSUPPORTED if it is not installed
     */
    public static Command of(String name, String debianPackage, Credentials credentials) {
        Path program = find(name).orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED, name + " is not installed; install the package "
                + debianPackage));
        return new Command(name, program, credentials);
    }

    /** The path of a tool; empty if it is not installed. */
    public static Optional<Path> find(String name) {
        return DIRECTORIES.stream().map(directory -> Path.of(directory, name)).filter(Files::isExecutable).findFirst();
    }

    /** Adds arguments, in order. */
    public Command with(String... arguments) {
        this.arguments.addAll(List.of(arguments));
        return this;
    }

    /**
     * Makes the tool's allocator request huge pages for large allocations. This speeds up tools that access hundreds of megabytes at
     * random; GNU C Library manual, "Memory Allocation Tunables", since 2.35. No effect if the kernel provides them by default.
     */
    public Command withHugePages() {
        environment.put("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
        return this;
    }

    /** Sets a file, open for reading, as the standard input; the tool may open it again with its own access rights. */
    public Command input(OpenFile file) {
        input = ProcessBuilder.Redirect.from(new File(file.fd().procPath()));
        inputOwner = Optional.of(new Credentials(file.status().uid(), new int[] {file.status().gid()}));
        return this;
    }

    /**
     * Makes the standard input a pipe, to which the daemon writes the content of this file; the tool's user is determined as with
     * {@link #input}.
     */
    public Command inputFromPipe(OpenFile file) {
        input(file);
        input = ProcessBuilder.Redirect.PIPE;
        return this;
    }

    /** Redirects the standard output to a file, from the beginning of the file. */
    public Command output(OpenFile file) {
        outputFile = Optional.of(ProcessBuilder.Redirect.to(new File(file.fd().procPath())));
        output = RunningCommand.Output.FILE;
        return this;
    }

    /** Makes the standard output a pipe that the daemon reads. Otherwise the standard output is kept together with the standard error. */
    public Command outputToPipe() {
        output = RunningCommand.Output.PIPE;
        return this;
    }

    /**
     * Returns the command line. A tool of root works on a user's file as that user, whose rights suffice; on root's own file it runs as
     * root without any capabilities, which a program that root executes would otherwise regain.
     */
    private List<String> line() {
        List<String> line = new ArrayList<>(NAMESPACE);
        Credentials used = credentials.isRoot() ? inputOwner.orElse(credentials) : credentials;
        if (used.isRoot()) {
            line.add("--bounding-set=-all");
        } else {
            line.addAll(List.of("--reuid=" + used.uidText(), "--regid=" + used.gidText(), "--groups=" + used.groupsText()));
        }
        line.addAll(List.of("--inh-caps=-all", "--no-new-privs", "--", program.toString()));
        line.addAll(arguments);
        return line;
    }

    /** Starts the tool, which has its own copies of the descriptors from then on. Throws Failure FAILED if it cannot be started. */
    public RunningCommand start() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line()).directory(new File("/")).redirectInput(input);
        outputFile.ifPresent(builder::redirectOutput);
        builder.environment().clear();
        builder.environment().putAll(environment);
        try {
            return RunningCommand.start(name, builder, output);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.FAILED, "cannot start " + name + ": " + e.getMessage(), e);
        }
    }
}
