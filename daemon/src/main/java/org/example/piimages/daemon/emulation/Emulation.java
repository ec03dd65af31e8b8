package org.example.piimages.daemon.emulation;

import java.nio.file.Path;
import java.util.Map;

/**
 * How the programs of one image run on this host.
 *
 * @param architecture the image's CPU as uname -m names it
 * @param entry the binfmt_misc entry that starts their emulator; empty when they run natively
 * @param overlays what has to be bound into the machine for it, by the place there; usually nothing
 */
public record Emulation(String architecture, String entry, Map<String, Path> overlays) {

    public boolean isEmulated() {
        return !entry.isEmpty();
    }
}
