package org.example.piimages.daemon.machine.record;

import java.util.Properties;
import org.example.piimages.daemon.linux.file.RunDirectory;

/**
 * The mode of a machine.
 *
 * @param boot whether the image's own init runs in it, instead of one command
 * @param readOnly whether the image is mounted read-only
 * @param ephemeral whether it runs in a copy of the image that is discarded afterwards
 * @param network the network in the machine
 */
public record MachineMode(boolean boot, boolean readOnly, boolean ephemeral, Network network) {

    void store(Properties properties) {
        properties.setProperty("boot", String.valueOf(boot));
        properties.setProperty("read-only", String.valueOf(readOnly));
        properties.setProperty("ephemeral", String.valueOf(ephemeral));
        properties.setProperty("network", network.title());
    }

    /**
     * Reads a stored mode.
     *
     * @throws IllegalArgumentException if the properties do not contain a mode
     */
    static MachineMode of(Properties properties) {
        return new MachineMode(Boolean.parseBoolean(RunDirectory.require(properties, "boot")),
                Boolean.parseBoolean(RunDirectory.require(properties, "read-only")),
                Boolean.parseBoolean(RunDirectory.require(properties, "ephemeral")),
                Network.of(RunDirectory.require(properties, "network")).orElse(Network.HOST));
    }
}
