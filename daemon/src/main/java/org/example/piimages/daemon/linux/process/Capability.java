package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The capabilities that root may lack on this host, for example in a container; capabilities(7). */
public enum Capability {
    /** Required to resize a mounted filesystem, among other operations. */
    SYS_RESOURCE(24);

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    /** Whether it is in the effective set of this process. */
    public boolean isHeld() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("CapEff:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).strip(), 16) >> bit & 1) == 1);
    }
}
