package org.example.piimages.daemon.machine.record;

import java.util.Properties;
import org.example.piimages.daemon.linux.file.RunFolder;

/**
 * What kind of machine it is.
 *
 * @param boot whether the image's own init runs in it, instead of one command
 * @param readOnly whether the image is to stay as it is, and the machine to see that
 * @param ephemeral whether it runs in a copy of the image that is gone afterwards
 * @param network the network it sees
 */
public record MachineMode(boolean boot, boolean readOnly, boolean ephemeral, Network network) {

    void store(Properties properties) {
        properties.setProperty("boot", String.valueOf(boot));
        properties.setProperty("read-only", String.valueOf(readOnly));
        properties.setProperty("ephemeral", String.valueOf(ephemeral));
        properties.setProperty("network", network.title());
    }

    /** Reads it again. Throws IllegalArgumentException for what is no mode. */
    static MachineMode of(Properties properties) {
        return new MachineMode(Boolean.parseBoolean(RunFolder.require(properties, "boot")),
                Boolean.parseBoolean(RunFolder.require(properties, "read-only")),
                Boolean.parseBoolean(RunFolder.require(properties, "ephemeral")),
                Network.of(RunFolder.require(properties, "network")).orElse(Network.HOST));
    }
}
