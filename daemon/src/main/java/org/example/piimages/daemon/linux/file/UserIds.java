package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Which numbers of users and groups somebody on this host has, nsswitch.conf(5). */
public final class UserIds {

    /** systemd-nspawn keeps a file here, by the first number, for each range that it has picked for a container. */
    private static final Path PICKED_BY_NSPAWN = Path.of("/run/systemd/nspawn-uid");

    /** Directories may be on servers that are gone; no machine starts while one is waited for. */
    private static final int LIMIT_SECONDS = 10;

    private UserIds() {
    }

    /** Whether a user or group has the number, or a container of somebody else's the range that begins with it. */
    public static boolean isTaken(int id) throws IOException {
        String number = Integer.toUnsignedString(id);
        return Files.exists(PICKED_BY_NSPAWN.resolve(number)) || isKnown("passwd", number) || isKnown("group", number);
    }

    private static boolean isKnown(String database, String number) throws IOException {
        Process process = new ProcessBuilder(List.of("/usr/bin/getent", database, number))
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("getent " + database + " " + number + " took longer than " + LIMIT_SECONDS
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
