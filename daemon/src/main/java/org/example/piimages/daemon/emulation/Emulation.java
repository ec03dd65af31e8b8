package org.example.piimages.daemon.emulation;

import java.nio.file.Path;
import java.util.Map;

/**
 * How the programs of an image run on this host.
 *
 * @param architecture the image's CPU as named by uname -m
 * @param entry the binfmt_misc entry that starts their emulator; empty if they run natively
 * @param overlays the files to bind into the machine for it, by their path there; usually empty
 */
public record Emulation(String architecture, String entry, Map<String, Path> overlays) {

    public boolean isEmulated() {
        return !entry.isEmpty();
    }
}
