package org.example.piimages.daemon.machine.record;

import java.util.Locale;
import org.example.piimages.contract.Failure;

/** Names of machines, a subset of those that machined accepts; hostname(7). */
final class MachineName {

    private static final int LIMIT = 48;
    private static final String VALID = "[A-Za-z0-9]([A-Za-z0-9-]{0,46}[A-Za-z0-9])?";

    private MachineName() {
    }

    /** Derives a valid name from a path: {@code 2024-11-19-raspios-bookworm.img} becomes {@code 2024-11-19-raspios-bookworm}. */
    static String of(String path) {
        String file = path.substring(path.lastIndexOf('/') + 1).replaceFirst("\\.(img|raw|iso)$", "");
        String name = file.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
        String bounded = name.substring(0, Math.min(name.length(), LIMIT - 4)).replaceAll("^-+|-+$", "");
        return bounded.isEmpty() ? "image" : bounded;
    }

    /** Throws Failure INVALID_ARGUMENT if a name given by the caller is not valid. */
    static void require(String name) {
        if (!name.matches(VALID)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    "a machine name consists of letters, digits and hyphens between them, at most " + LIMIT);
        }
    }
}
