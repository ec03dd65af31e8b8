package org.example.piimages.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.FileDescriptor;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What to run where.
 *
 * @param file the image
 * @param command the program and its arguments, never empty
 * @param environment NAME=VALUE to add
 * @param directory working directory in the image, or null
 * @param user whom to run it as, or null for root
 * @param name what to call the machine, or null for a name made from the file's
 * @param readOnly do not let the command change the image
 */
record RunRequest(ImageFile file, List<String> command, List<String> environment, String directory, String user, String name,
        boolean readOnly) {

    private static final String READ_ONLY = "--read-only";
    private static final String NAME = "--name";
    private static final String ENVIRONMENT = "--setenv";
    private static final String DIRECTORY = "--directory";
    private static final String USER = "--user";
    private static final String END_OF_OPTIONS = "--";

    /** The options of the command line that {@link #of} reads. */
    static void addTo(CommandSpec spec) {
        spec.addOption(Options.flag(READ_ONLY, "Do not let the command change the image"));
        spec.addOption(Options.value(NAME, "NAME", "What machinectl will call the machine"));
        spec.addOption(Options.list(new String[] {"-E", ENVIRONMENT}, "NAME=VALUE", "Set an environment variable; can be given again"));
        spec.addOption(Options.value(DIRECTORY, "DIR", "Start in this directory of the image"));
        spec.addOption(Options.value(USER, "USER", "Run as this user of the image, instead of root"));
    }

    /**
     * The request that arguments make: all words after the image are the command. Throws ParameterException for a command that is missing
     * or looks like an option, and for a variable without a value.
     *
     * @param words image and command as picocli found them, with the "--" between them if there is one
     */
    static RunRequest of(ParseResult arguments, ImageFile file, List<String> words) {
        List<String> command = words;
        if (!words.isEmpty() && words.get(0).equals(END_OF_OPTIONS)) {
            command = words.subList(1, words.size());
        } else if (!words.isEmpty() && words.get(0).startsWith("-")) {
            throw new ParameterException(arguments.commandSpec().commandLine(),
                    "'" + words.get(0) + "' stands where the command should; options go before IMAGE");
        }
        if (command.isEmpty()) {
            throw new ParameterException(arguments.commandSpec().commandLine(), "no command to run in the image");
        }
        List<String> environment = arguments.matchedOptionValue(ENVIRONMENT, List.of());
        for (String variable : environment) {
            if (variable.indexOf('=') < 1) {
                throw new ParameterException(arguments.commandSpec().commandLine(), "'" + variable + "' is not NAME=VALUE");
            }
        }
        return new RunRequest(file, List.copyOf(command), List.copyOf(environment), arguments.matchedOptionValue(DIRECTORY, null),
                arguments.matchedOptionValue(USER, null), arguments.matchedOptionValue(NAME, null), arguments.hasMatchedOption(READ_ONLY));
    }

    /** The call of the service, this process's streams included. */
    Call call(boolean terminal, String terminalType) {
        Map<String, Variant<?>> options = new TreeMap<>();
        options.put(Names.OPTION_STDIN, stream(StandardStream.INPUT));
        options.put(Names.OPTION_STDOUT, stream(StandardStream.OUTPUT));
        options.put(Names.OPTION_STDERR, stream(StandardStream.ERROR));
        List<String> variables = new ArrayList<>(environment);
        if (terminal) {
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
        put(options, Names.OPTION_NAME, name);
        if (readOnly) {
            options.put(Names.OPTION_READ_ONLY, new Variant<>(true));
        }
        return Call.manager("RunImage", "sasa{sv}", file.path(), command, options);
    }

    private static Variant<?> stream(StandardStream stream) {
        return new Variant<>(new FileDescriptor(stream.fd()));
    }

    private static void put(Map<String, Variant<?>> options, String name, String value) {
        if (value != null) {
            options.put(name, new Variant<>(value));
        }
    }
}
