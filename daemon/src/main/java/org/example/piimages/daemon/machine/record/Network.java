package org.example.piimages.daemon.machine.record;

import java.util.Locale;
import java.util.Optional;

/** The network of a machine. */
public enum Network {
    /** The host's network with its addresses and ports, which the machine cannot configure. */
    HOST,
    /** A separate network with only a loopback device. */
    PRIVATE;

    /** Returns its name on the bus, in lower case. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the network of that name on the bus; empty if there is none. */
    public static Optional<Network> of(String title) {
        for (Network network : values()) {
            if (network.title().equals(title)) {
                return Optional.of(network);
            }
        }
        return Optional.empty();
    }
}
