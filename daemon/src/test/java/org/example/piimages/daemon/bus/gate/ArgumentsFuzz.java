package org.example.piimages.daemon.bus.gate;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.bus.object.MachineRequests;
import org.example.piimages.daemon.machine.MachineRequest;
import org.example.piimages.dbus.UndecodedOptions;
import org.freedesktop.dbus.types.Variant;

/** Options and commands of calls whose types are those of the contract: invalid ones are refused with a Failure before anything is done. */
public final class ArgumentsFuzz {

    private static final String[] NAMES = {"read-only", "ephemeral", "network", "name", "environment", "directory", "user", "host-users",
        "capabilities", "terminal", "no-boot"};

    private ArgumentsFuzz() {
    }

    /**
     * Takes lines without an equals sign as the words of a command, and the others as options; the byte before the sign selects the type.
     */
    public static void fuzzerTestOneInput(byte[] data) throws Exception {
        Map<String, Variant<?>> options = new LinkedHashMap<>();
        List<String> command = new ArrayList<>();
        for (String line : new String(data, StandardCharsets.UTF_8).replace("\0", "").split("\n")) {
            int equals = line.indexOf('=');
            if (equals > 0) {
                options.put(NAMES[line.charAt(0) % NAMES.length], variant(line.charAt(equals - 1), line.substring(equals + 1)));
            } else {
                command.add(line);
            }
        }
        Caller caller = new Caller(":1.1", 1000, 1000, new int[] {1000}, 0, false);
        Call call = new Call(caller, "Manager.RunImage", new Object[] {"/x", command, UndecodedOptions.of(options)}, 0);
        try (MachineRequest request = MachineRequests.run(call)) {
            if (request.machineCommand().command().stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
                throw new IllegalStateException("a word that ends early");
            }
        } catch (Failure refused) {
            refused.kind();
        }
    }

    private static Variant<?> variant(char type, String text) {
        return switch (type % 4) {
            case 0 -> new Variant<>(text);
            case 1 -> new Variant<>(!text.isEmpty());
            case 2 -> new Variant<>(text.split(","), "as");
            default -> new Variant<>(text.length());
        };
    }
}
