package org.example.piimages.cli;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.example.piimages.contract.Names;
import org.freedesktop.dbus.types.Variant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What kind of machine to start.
 *
 * @param name what to call it, or null for a name made from the file's
 * @param readOnly do not let it change the image
 * @param ephemeral run it in a copy of the image
 * @param network "host", "private", or null for the service's choice
 * @param binds pairs of a path of the host's and a place in the machine
 * @param readOnlyBinds the same, not to be changed by the machine
 * @param hostUsers whether its root is to be the host's
 * @param capabilities what its root may do more than usual, by the names of capabilities(7)
 */
record MachineOptions(String name, boolean readOnly, boolean ephemeral, String network, List<String[]> binds,
        List<String[]> readOnlyBinds, boolean hostUsers, List<String> capabilities) {

    /** A machine of no particular kind. */
    static final MachineOptions PLAIN = new MachineOptions(null, false, false, null, List.of(), List.of(), false, List.of());

    private static final String READ_ONLY = "--read-only";
    private static final String NAME = "--name";
    private static final String EPHEMERAL = "--ephemeral";
    private static final String NETWORK = "--network";
    private static final String BIND = "--bind";
    private static final String BIND_READ_ONLY = "--bind-ro";
    private static final String HOST_USERS = "--host-users";
    private static final String CAPABILITY = "--capability";

    /** The options of the command line that {@link #of} reads. */
    static void addTo(CommandSpec spec) {
        spec.addOption(Options.flag(READ_ONLY, "Do not let the machine change the image"));
        spec.addOption(Options.flag(EPHEMERAL, "Use a copy of the image that is gone afterwards"));
        spec.addOption(Options.value(NAME, "NAME", "What machinectl will call the machine"));
        spec.addOption(Options.value(NETWORK, "host|private", "Its network: the host's, or a loopback alone"));
        String bind = "Show a file or folder of the host's in the machine, there or at PLACE";
        spec.addOption(Options.list(new String[] {BIND}, "PATH[:PLACE]", bind + "; can be given again"));
        spec.addOption(Options.list(new String[] {BIND_READ_ONLY}, "PATH[:PLACE]", "The same, not to be changed by the machine"));
        spec.addOption(Options.flag(HOST_USERS, "Let its root be this host's root; takes an administrator"));
        spec.addOption(Options.list(new String[] {CAPABILITY}, "CAP[,CAP]...", "Let its root do more, such as CAP_NET_ADMIN; takes an"
                + " administrator"));
    }

    /** The options that arguments make. Throws ParameterException for those that make no sense. */
    static MachineOptions of(ParseResult arguments) {
        return new MachineOptions(arguments.matchedOptionValue(NAME, null), arguments.hasMatchedOption(READ_ONLY),
                arguments.hasMatchedOption(EPHEMERAL), arguments.matchedOptionValue(NETWORK, null), pairs(arguments, BIND),
                pairs(arguments, BIND_READ_ONLY), arguments.hasMatchedOption(HOST_USERS), capabilities(arguments));
    }

    private static List<String> capabilities(ParseResult arguments) {
        return arguments.matchedOptionValue(CAPABILITY, List.<String>of()).stream().flatMap(names -> Stream.of(names.split(","))).toList();
    }

    /** Whether any was given. */
    boolean isPlain() {
        return name == null && !readOnly && !ephemeral && network == null && binds.isEmpty() && readOnlyBinds.isEmpty()
                && !hostUsers && capabilities.isEmpty();
    }

    /** PLACE is absolute, so that what follows the last colon with a slash after it is one, and other colons belong to names. */
    private static List<String[]> pairs(ParseResult arguments, String option) {
        List<String[]> pairs = new ArrayList<>();
        for (String value : arguments.matchedOptionValue(option, List.<String>of())) {
            int colon = value.lastIndexOf(":/");
            String path = colon < 0 ? value : value.substring(0, colon);
            if (path.isEmpty()) {
                throw new ParameterException(arguments.commandSpec().commandLine(), "'" + value + "' is not PATH or PATH:PLACE");
            }
            String absolute = new File(path).toPath().toAbsolutePath().normalize().toString();
            pairs.add(new String[] {absolute, colon < 0 ? absolute : value.substring(colon + 1)});
        }
        return pairs;
    }

    /** Adds what the service is to be told. */
    void addTo(Map<String, Variant<?>> options) {
        if (name != null) {
            options.put(Names.OPTION_NAME, new Variant<>(name));
        }
        if (readOnly) {
            options.put(Names.OPTION_READ_ONLY, new Variant<>(true));
        }
        if (ephemeral) {
            options.put(Names.OPTION_EPHEMERAL, new Variant<>(true));
        }
        if (network != null) {
            options.put(Names.OPTION_NETWORK, new Variant<>(network));
        }
        if (hostUsers) {
            options.put(Names.OPTION_HOST_USERS, new Variant<>(true));
        }
        if (!capabilities.isEmpty()) {
            options.put(Names.OPTION_CAPABILITIES, new Variant<>(capabilities, "as"));
        }
        addTo(options, Names.OPTION_BIND, binds);
        addTo(options, Names.OPTION_BIND_READ_ONLY, readOnlyBinds);
    }

    private static void addTo(Map<String, Variant<?>> options, String name, List<String[]> pairs) {
        if (!pairs.isEmpty()) {
            options.put(name, new Variant<>(pairs.toArray(new Object[0][]), "a(ss)"));
        }
    }
}
