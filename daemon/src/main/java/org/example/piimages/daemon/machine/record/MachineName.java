package org.example.piimages.daemon.machine.record;

import java.util.Locale;
import org.example.piimages.contract.Failure;

/** Names of machines: what machined takes for one, hostname(7). */
final class MachineName {

    private static final int LIMIT = 48;
    private static final String VALID = "[A-Za-z0-9]([A-Za-z0-9-]{0,46}[A-Za-z0-9])?";

    private MachineName() {
    }

    /** A name made of a file's: {@code 2024-11-19-raspios-bookworm.img} becomes {@code 2024-11-19-raspios-bookworm}. */
    static String of(String path) {
        String file = path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\.(img|raw|iso)$", "");
        String name = file.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String bounded = name.substring(0, Math.min(name.length(), LIMIT - 4)).replaceAll("^-+|-+$", "");
        return bounded.isEmpty() ? "image" : bounded;
    }

    /** Refuses what a caller calls a machine when machined would. */
    static void require(String name) {
        if (!name.matches(VALID)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    "a machine name consists of letters, digits and hyphens between them, at most " + LIMIT);
        }
    }
}
