package org.example.piimages.daemon.machine.record;

import java.util.Locale;
import java.util.Optional;

/** Which network a machine sees. */
public enum Network {
    /** The host's own, its addresses and ports; the machine cannot configure it. */
    HOST,
    /** A loopback device of its own and nothing else. */
    PRIVATE;

    /** Its name on the bus. */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The network of that name; empty when there is none. */
    public static Optional<Network> of(String title) {
        for (Network network : values()) {
            if (network.title().equals(title)) {
                return Optional.of(network);
            }
        }
        return Optional.empty();
    }
}
