package org.example.piimages.cli.command.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.Call;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.cli.terminal.RedirectedStreams;
import org.example.piimages.cli.terminal.StandardStream;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A command to run in an image or machine.
 *
 * @param file the image; null if {@code machine} is specified
 * @param machine the object path of a booted machine; null to start a machine
 * @param command the program and its arguments; empty for a login shell
 * @param environment the variables to add, as NAME=VALUE
 * @param directory the working directory in the image; null for the default of the service
 * @param user the user of the image to run the command as; null for root
 * @param machineOptions the options for starting a machine
 * @param streams the standard input and output of the command; null for those of this process
 */
public record RunRequest(ImageFile file, String machine, List<String> command, List<String> environment, String directory, String user,
        MachineOptions machineOptions, RedirectedStreams streams) {

    private static final String ENVIRONMENT = "--setenv";
    private static final String DIRECTORY = "--directory";
    private static final String USER = "--user";
    private static final String END_OF_OPTIONS = "--";

    /** Adds the options that {@link #of} reads. */
    static void addTo(CommandSpec spec) {
        MachineOptions.addForCommandTo(spec);
        spec.addOption(Options.list(new String[] {"-E", ENVIRONMENT}, "NAME=VALUE", "Set an environment variable; can be repeated"));
        spec.addOption(Options.value(DIRECTORY, "DIR", "Set the working directory in the image"));
        spec.addOption(Options.value(USER, "USER", "Run as this user of the image instead of root"));
    }

    /**
     * Returns the request for the arguments of a command line.
     *
     * @param words the arguments after the image, including a preceding "--"
     * @throws ParameterException if the command is missing or looks like an option, or a variable has no value
     */
    static RunRequest of(ParseResult arguments, ImageFile file, List<String> words) {
        List<String> command = command(arguments, words);
        if (command.isEmpty()) {
            throw new ParameterException(arguments.commandSpec().commandLine(), "no command specified");
        }
        return shell(arguments, file, null, words);
    }

    /** Returns a request like {@link #of}; without a command, it starts a login shell. A booted machine can replace the image. */
    static RunRequest shell(ParseResult arguments, ImageFile file, String machine, List<String> words) {
        List<String> environment = arguments.matchedOptionValue(ENVIRONMENT, List.of());
        for (String variable : environment) {
            if (variable.indexOf('=') < 1) {
                throw new ParameterException(arguments.commandSpec().commandLine(), "'" + variable + "' is not NAME=VALUE");
            }
        }
        return new RunRequest(file, machine, List.copyOf(command(arguments, words)), List.copyOf(environment),
                arguments.matchedOptionValue(DIRECTORY, null), arguments.matchedOptionValue(USER, null), MachineOptions.of(arguments),
                null);
    }

    /** Returns this request with additional options for the machine. */
    RunRequest with(Map<String, Variant<?>> options) {
        return new RunRequest(file, machine, command, environment, directory, user, machineOptions.with(options), streams);
    }

    private static List<String> command(ParseResult arguments, List<String> words) {
        List<String> command = words;
        if (!words.isEmpty() && words.get(0).equals(END_OF_OPTIONS)) {
            command = words.subList(1, words.size());
        } else if (!words.isEmpty() && words.get(0).startsWith("-")) {
            throw new ParameterException(arguments.commandSpec().commandLine(),
                    "'" + words.get(0) + "' is in the place of the command; options have to precede IMAGE");
        }
        return command;
    }

    /**
     * Returns the method call, which includes the descriptors of the command's streams.
     *
     * @param terminal the descriptor of the terminal for the command; negative if it gets none
     * @param input the descriptor of its standard input; used only if it gets no terminal
     * @param terminalType the value of TERM; null if not set
     */
    Call call(int terminal, int input, String terminalType) {
        Map<String, Variant<?>> options = new TreeMap<>();
        boolean onTerminal = terminal >= 0;
        options.put(Names.OPTION_STDIN, descriptor(onTerminal ? terminal : input));
        options.put(Names.OPTION_STDOUT, descriptor(onTerminal ? terminal : streams == null ? StandardStream.OUTPUT.fd()
                : streams.output()));
        options.put(Names.OPTION_STDERR, descriptor(onTerminal && StandardStream.ERROR.isTerminal() ? terminal : streams == null
                ? StandardStream.ERROR.fd() : streams.errors()));
        List<String> variables = new ArrayList<>(environment);
        if (onTerminal) {
            options.put(Names.OPTION_TERMINAL, new Variant<>(true));
            if (terminalType != null && environment.stream().noneMatch(variable -> variable.startsWith("TERM="))) {
                variables.add("TERM=" + terminalType);
            }
        }
        if (!variables.isEmpty()) {
            options.put(Names.OPTION_ENVIRONMENT, new Variant<>(variables, "as"));
        }
        put(options, Names.OPTION_DIRECTORY, directory);
        put(options, Names.OPTION_USER, user);
        machineOptions.addTo(options);
        if (machine != null) {
            return Call.object(machine, Names.MACHINE, "Run", "asa{sv}", command, options);
        }
        return Call.manager("RunImage", "sasa{sv}", file.path(), command, options);
    }

    private static Variant<?> descriptor(int fd) {
        return new Variant<>(new FileDescriptor(fd));
    }

    private static void put(Map<String, Variant<?>> options, String name, String value) {
        if (value != null) {
            options.put(name, new Variant<>(value));
        }
    }
}
