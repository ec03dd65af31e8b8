package org.example.piimages.daemon.linux.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What root is allowed here; capabilities(7). In a container it is less than on a machine of its own. */
public enum Capability {
    /** Changing the size of a mounted filesystem, among others. */
    SYS_RESOURCE(24);

    private final int bit;

    Capability(int bit) {
        this.bit = bit;
    }

    /** Whether this process has it in effect. */
    public boolean isHeld() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("CapEff:"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(line.indexOf(':') + 1).strip(), 16) >> bit & 1) == 1);
    }
}
