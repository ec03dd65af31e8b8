package org.example.piimages.daemon.bus.gate;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The documented introspection XML. The daemon's introspection data and the types that it accepts and returns come from this one file. The
 * build turns it into lines (contract.xsl), which are read once.
 */
public final class Contract {

    /** The signatures of a method's arguments and of its results. */
    record Method(String in, String out) {
    }

    /**
     * One interface.
     *
     * @param xml its XML element, without comments
     * @param properties the types of the properties by name
     */
    record Interface(String name, StringBuilder xml, Map<String, Method> methods, Map<String, String> properties) {
    }

    private static final String RESOURCE = "/org.example.PiImages.contract";
    private static final String STANDARD = "/standard-interfaces.contract";

    private final Map<String, Interface> interfaces = new LinkedHashMap<>();

    private Contract() {
    }

    /** Reads the interfaces of the service and the standard ones that every object has. */
    public static Contract load() throws IOException {
        Contract contract = new Contract();
        contract.read(RESOURCE);
        contract.read(STANDARD);
        return contract;
    }

    /** An interface by its name; null when there is none. */
    Interface get(String name) {
        return interfaces.get(name);
    }

    private void read(String resource) throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(Contract.class.getResourceAsStream(resource),
                StandardCharsets.UTF_8))) {
            Interface current = null;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split("\t", -1);
                switch (words[0]) {
                    case "interface" -> {
                        current = new Interface(words[1], new StringBuilder(), new LinkedHashMap<>(), new LinkedHashMap<>());
                        interfaces.put(words[1], current);
                    }
                    case "property" -> current.properties().put(words[1], words[2]);
                    case "method" -> current.methods().put(words[1], new Method(words[2], words[3]));
                    default -> current.xml().append(line).append('\n');
                }
            }
        }
    }
}
