package org.example.piimages.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import org.example.piimages.cli.command.Subcommand;
import org.example.piimages.cli.failure.CommandFailure;
import org.example.piimages.cli.failure.ErrorText;
import org.example.piimages.cli.failure.ExitCode;
import org.example.piimages.cli.option.GlobalOptions;
import org.example.piimages.cli.output.Output;
import org.example.piimages.cli.service.Authentication;
import org.example.piimages.cli.service.Bus;
import org.example.piimages.cli.service.Session;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** A run of piimagesctl: parses the command line, connects to the service, executes the command, and reports a failure in one line. */
public final class Program {

    private final Bus.Opener opener;
    private final Authentication authentication;
    private final PrintStream out;
    private final PrintStream err;

    /** Creates a run that writes to these streams. The {@code opener} opens the bus when a command first requires it. */
    public Program(Bus.Opener opener, Authentication authentication, PrintStream out, PrintStream err) {
        this.opener = opener;
        this.authentication = authentication;
        this.out = out;
        this.err = err;
    }

    /** Returns a writer that uses the character set of the locale. */
    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, Charset.defaultCharset());
    }

    /** Executes a command line and returns the exit status; reports failures on the error stream. */
    public int run(String... words) {
        String[] arguments = withHelpOption(words);
        try {
            CommandLine commandLine = CommandTree.of(List.of(arguments));
            commandLine.setOut(writer(out)).setErr(writer(err));
            ParseResult parsed = commandLine.parseArgs(arguments);
            RemoteHost host = RemoteHost.of(parsed.matchedOptionValue("--host", null), arguments);
            return host == null ? run(parsed) : host.run();
        } catch (ParameterException e) {
            return usageError(e);
        } catch (RuntimeException | LinkageError | VirtualMachineError e) {
            // LinkageError: there is no native code for this CPU. VirtualMachineError: a file exceeds the memory or the stack.
            return report(ErrorText.of(e));
        } finally {
            out.flush();
        }
    }

    /** Replaces "help" and "help mount", which new users try first, with "--help" and "mount --help". */
    private static String[] withHelpOption(String... words) {
        if (words.length == 0 || !words[0].equals("help")) {
            return words;
        }
        return words.length == 1 ? new String[] {"--help"} : new String[] {words[1], "--help"};
    }

    private int run(ParseResult parsed) {
        Integer helpExitCode = CommandLine.executeHelpRequest(parsed);
        if (helpExitCode != null) {
            return helpExitCode;
        }
        if (!parsed.hasSubcommand()) {
            parsed.commandSpec().commandLine().usage(err);
            return ExitCode.USAGE;
        }
        ParseResult command = parsed.subcommand();
        GlobalOptions options = GlobalOptions.of(parsed, command);
        if (options.noAskPassword()) {
            authentication.forbid();
        }
        try (Session session = new Session(opener, authentication, new Output(out, options))) {
            return ((Subcommand) command.commandSpec().userObject()).run(command, session);
        }
    }

    private int usageError(ParameterException e) {
        Subcommand command = (Subcommand) e.getCommandLine().getCommandSpec().userObject();
        String help = e.getCommandLine().getCommandSpec().qualifiedName() + " --help";
        return report(new CommandFailure(command == null ? ExitCode.USAGE : command.usageExitCode(), message(e) + "; see: " + help));
    }

    /** Returns the error message. For an unexpected argument, picocli's message has its index; users want to see the argument itself. */
    private static String message(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            boolean isCommand = e.getCommandLine().getCommandSpec().parent() == null;
            return (isCommand ? "unknown command '" : "unexpected argument '") + unmatched.getUnmatched().get(0) + "'";
        }
        return e.getMessage();
    }

    private int report(CommandFailure failure) {
        failure.reportTo(err);
        return failure.exitCode();
    }
}
