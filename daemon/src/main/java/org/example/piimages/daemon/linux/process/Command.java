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
 * A tool of the host's, run on an open file with somebody's rights.
 *
 * <p>It gets an argument list and no shell, the C locale and nothing else of our environment, and no descriptor but its standard streams: a
 * file that it works on is one of these, which it may open again as {@link #INPUT}. It runs without capabilities as the user whose file it
 * is, because the content is hostile; and in a PID namespace of its own, so that nothing of it is left when it is ended.
 */
public final class Command {

    /** The name of its standard input, for tools that open their file by name; proc(5). */
    public static final String INPUT = "/proc/self/fd/0";

    private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");
    /** BLKID_FILE: for root, e2fsprogs would keep libblkid's list of the host's devices in /run/blkid. */
    private static final Map<String, String> ENVIRONMENT =
            Map.of("LC_ALL", "C", "PATH", String.join(":", FOLDERS), "BLKID_FILE", "/dev/null");

    /**
     * The namespace's first process stays root's: without CAP_KILL we could not end one of another user, and neither could the kernel
     * on our behalf (--kill-child). It takes all others with it, whoever they belong to, and passes on how the tool ended. A shell does
     * that, and stays because something follows; timeout(1) of coreutils 9.10 takes a parent outside of its namespace for one that died.
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
    private RunningCommand.Output output = RunningCommand.Output.WORDS;

    private Command(String name, Path program, Credentials credentials) {
        this.name = name;
        this.program = program;
        this.credentials = credentials;
    }

    /**
     * A tool to run.
     *
     * @param name the program's, looked up in the system's folders alone
     * @param debianPackage what brings it, for the message when it is missing
     * @throws Failure UNSUPPORTED when it is not installed
     */
    public static Command of(String name, String debianPackage, Credentials credentials) {
        Path program = find(name).orElseThrow(() -> new Failure(Failure.Kind.UNSUPPORTED, name + " is not installed; install the package "
                + debianPackage));
        return new Command(name, program, credentials);
    }

    /** Where a tool is; empty when it is not installed. */
    public static Optional<Path> find(String name) {
        return FOLDERS.stream().map(folder -> Path.of(folder, name)).filter(Files::isExecutable).findFirst();
    }

    /** Adds arguments, in order. */
    public Command with(String... arguments) {
        this.arguments.addAll(List.of(arguments));
        return this;
    }

    /**
     * Lets it ask for huge pages where it allocates much, which spares what reads and writes all over hundreds of megabytes a part of its
     * time; GNU C Library manual, "Memory Allocation Tunables", since 2.35. Nothing new where the kernel gives them unasked.
     */
    public Command withHugePages() {
        environment.put("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
        return this;
    }

    /** Gives it a file as its standard input, open for reading; the tool may open it again by its own rights. */
    public Command input(OpenFile file) {
        input = ProcessBuilder.Redirect.from(new File(file.fd().procPath()));
        inputOwner = Optional.of(new Credentials(file.status().uid(), new int[] {file.status().gid()}));
        return this;
    }

    /** Lets the daemon write its standard input, which comes out of this file: whose rights are used is as with {@link #input}. */
    public Command inputFromPipe(OpenFile file) {
        input(file);
        input = ProcessBuilder.Redirect.PIPE;
        return this;
    }

    /** Lets its standard output go to a file, from the file's beginning. */
    public Command output(OpenFile file) {
        outputFile = Optional.of(ProcessBuilder.Redirect.to(new File(file.fd().procPath())));
        output = RunningCommand.Output.FILE;
        return this;
    }

    /** Lets the daemon read its standard output. Otherwise what it says there is kept with what it says on standard error. */
    public Command outputToPipe() {
        output = RunningCommand.Output.PIPE;
        return this;
    }

    /**
     * Root's tools work on a user's file as that user, whose rights suffice; on root's own they have root's name and none of its
     * capabilities, which a program that root executes would otherwise get back.
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

    /** Starts it. The descriptors it was given are its own from now on. */
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
