package org.example.piimages.cli.command.machine;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.example.piimages.cli.command.PartitionOptions;
import org.example.piimages.cli.option.Options;
import org.example.piimages.cli.service.ImageFile;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The options for starting a machine.
 *
 * @param chosen the options of the method call; the service has defaults for all others
 */
public record MachineOptions(Map<String, Variant<?>> chosen) {

    /** No options: all defaults. */
    public static final MachineOptions PLAIN = new MachineOptions(Map.of());

    private static final String READ_ONLY = "--read-only";
    private static final String NAME = "--name";
    private static final String EPHEMERAL = "--ephemeral";
    private static final String NETWORK = "--network";
    private static final String HOST_TOOLS = "--host-tools";
    private static final String BIND = "--bind";
    private static final String BIND_READ_ONLY = "--bind-ro";
    private static final String HOST_USERS = "--host-users";
    private static final String CAPABILITY = "--capability";

    /** Adds the options that {@link #of} reads. */
    static void addTo(CommandSpec spec) {
        PartitionOptions.addTo(spec);
        spec.addOption(Options.flag(READ_ONLY, "Do not allow the machine to change the image"));
        spec.addOption(Options.flag(EPHEMERAL, "Use a copy of the image that is removed afterwards"));
        spec.addOption(Options.value(NAME, "NAME", "Set the name of the machine for machinectl"));
        spec.addOption(Options.value(NETWORK, "host|private", "Use the host's network, or only a loopback device"));
        String bind = "Bind mount a file or directory of the host, at the same path or at PLACE";
        spec.addOption(Options.list(new String[] {BIND}, "PATH[:PLACE]", bind + "; can be repeated"));
        spec.addOption(Options.list(new String[] {BIND_READ_ONLY}, "PATH[:PLACE]", "The same, but read-only in the machine"));
        spec.addOption(Options.flag(HOST_USERS, "Do not use a user namespace: root is the host's root; requires an administrator"));
        spec.addOption(Options.list(new String[] {CAPABILITY}, "CAP[,CAP]...", "Grant root capabilities, such as CAP_NET_ADMIN; requires an"
                + " administrator"));
    }

    /** Adds the options like {@link #addTo}, and those that apply only if a command runs instead of the init of the image. */
    static void addForCommandTo(CommandSpec spec) {
        addTo(spec);
        spec.addOption(Options.value(HOST_TOOLS, "auto|off", "Run the host's dpkg, tar, sh and the like in place of an emulated"
                + " image's if the results are the same (auto), or only the image's (off)"));
    }

    /**
     * Returns the options for the arguments of a command.
     *
     * @throws ParameterException if a value is invalid
     */
    static MachineOptions of(ParseResult arguments) {
        requireText(arguments);
        Map<String, Variant<?>> chosen = new LinkedHashMap<>();
        PartitionOptions.pass(arguments, chosen);
        flag(chosen, arguments, READ_ONLY, Names.OPTION_READ_ONLY);
        flag(chosen, arguments, EPHEMERAL, Names.OPTION_EPHEMERAL);
        flag(chosen, arguments, HOST_USERS, Names.OPTION_HOST_USERS);
        text(chosen, arguments, NAME, Names.OPTION_NAME);
        text(chosen, arguments, NETWORK, Names.OPTION_NETWORK);
        text(chosen, arguments, HOST_TOOLS, Names.OPTION_HOST_TOOLS);
        pairs(chosen, arguments, BIND, Names.OPTION_BIND);
        pairs(chosen, arguments, BIND_READ_ONLY, Names.OPTION_BIND_READ_ONLY);
        if (arguments.hasMatchedOption(CAPABILITY)) {
            List<String> capabilities = arguments.matchedOptionValue(CAPABILITY, List.<String>of()).stream()
                    .flatMap(names -> Stream.of(names.split(","))).toList();
            chosen.put(Names.OPTION_CAPABILITIES, new Variant<>(capabilities, "as"));
        }
        return new MachineOptions(chosen);
    }

    /**
     * Rejects arguments, including those of the command, that are not valid UTF-8: Java substitutes characters, so that the machine would
     * get a different argument, or the name of a different file.
     */
    private static void requireText(ParseResult arguments) {
        for (String word : arguments.originalArgs()) {
            if (word.indexOf(ImageFile.UNDECODABLE) >= 0) {
                throw new ParameterException(arguments.commandSpec().commandLine(), "cannot pass '" + word + "': it is not valid UTF-8");
            }
        }
    }

    private static void flag(Map<String, Variant<?>> chosen, ParseResult arguments, String option, String name) {
        if (arguments.hasMatchedOption(option)) {
            chosen.put(name, new Variant<>(true));
        }
    }

    private static void text(Map<String, Variant<?>> chosen, ParseResult arguments, String option, String name) {
        if (arguments.hasMatchedOption(option)) {
            chosen.put(name, new Variant<>(arguments.matchedOptionValue(option, "")));
        }
    }

    /** Parses PATH[:PLACE]. PLACE is absolute, so the last colon that precedes a slash is the separator; other colons belong to names. */
    private static void pairs(Map<String, Variant<?>> chosen, ParseResult arguments, String option, String name) {
        List<String[]> pairs = new ArrayList<>();
        for (String value : arguments.matchedOptionValue(option, List.<String>of())) {
            int colon = value.lastIndexOf(":/");
            String path = colon < 0 ? value : value.substring(0, colon);
            if (path.isEmpty()) {
                throw new ParameterException(arguments.commandSpec().commandLine(), "'" + value + "' is not PATH or PATH:PLACE");
            }
            String absolute = absolute(new File(path).toPath().toAbsolutePath());
            pairs.add(new String[] {absolute, colon < 0 ? absolute : value.substring(colon + 1)});
        }
        if (!pairs.isEmpty()) {
            chosen.put(name, new Variant<>(pairs.toArray(new Object[0][]), "a(ss)"));
        }
    }

    /**
     * Resolves ".." like the kernel, for which it is the parent of the directory that a symbolic link leads to; textual normalization would
     * return the parent of the link.
     */
    private static String absolute(Path path) {
        for (Path name : path) {
            if (name.toString().equals("..")) {
                try {
                    return path.toRealPath().toString();
                } catch (IOException e) {
                    // The service reports the error.
                    return path.toString();
                }
            }
        }
        return path.normalize().toString();
    }

    /** Returns these options together with others. */
    MachineOptions with(Map<String, Variant<?>> others) {
        Map<String, Variant<?>> all = new LinkedHashMap<>(chosen);
        all.putAll(others);
        return new MachineOptions(all);
    }

    /** Returns whether no option was specified. */
    boolean isPlain() {
        return chosen.isEmpty();
    }

    /** Adds these options to those of a method call. */
    void addTo(Map<String, Variant<?>> options) {
        options.putAll(chosen);
    }
}
