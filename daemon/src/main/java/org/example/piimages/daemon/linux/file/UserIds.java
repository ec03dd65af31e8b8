package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The user and group ids in use on this host, nsswitch.conf(5). */
public final class UserIds {

    /** For each range that systemd-nspawn has picked for a container, it keeps a file here, named after the first id of the range. */
    private static final Path NSPAWN_RANGES = Path.of("/run/systemd/nspawn-uid");

    /** The time limit of a lookup. The user database may be on a server that does not respond, and no machine starts during a lookup. */
    private static final int TIMEOUT_SECONDS = 10;

    private UserIds() {
    }

    /**
     * Whether a user or group has this id, or another program's container has the range that begins with it. Throws IOException if the
     * lookup exceeds its time limit.
     */
    public static boolean isAssigned(int id) throws IOException {
        String number = Integer.toUnsignedString(id);
        return Files.exists(NSPAWN_RANGES.resolve(number)) || isKnown("passwd", number) || isKnown("group", number);
    }

    private static boolean isKnown(String database, String number) throws IOException {
        Process process = new ProcessBuilder(List.of("/usr/bin/getent", database, number))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("getent " + database + " " + number + " took longer than " + TIMEOUT_SECONDS
                        + " s, so no UID range can be allocated for the machine; see nsswitch.conf(5)");
            }
            return process.exitValue() == 0;
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while looking a user up", e);
        }
    }
}
