package org.example.piimages.daemon.machine.nspawn;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * What a machine may do on the host beyond what machines may.
 *
 * @param hostUsers whether its users are the host's, its root the host's root
 * @param capabilities more of root's capabilities, as capabilities(7) names them
 */
public record Privileges(boolean hostUsers, List<String> capabilities) {

    /** A machine like any other. */
    public static final Privileges NONE = new Privileges(false, List.of());

    private static final Pattern NAME = Pattern.compile("CAP_[A-Z_]{2,40}");

    /** Throws Failure INVALID_ARGUMENT for what is no capability's name; "all" is none. */
    public Privileges {
        capabilities = List.copyOf(capabilities);
        for (String name : capabilities) {
            if (!NAME.matcher(name).matches()) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, Printable.quoted(name) + " is not a capability such as CAP_NET_ADMIN");
            }
        }
    }

    /** Whether it is a machine like any other. */
    public boolean isNone() {
        return equals(NONE);
    }

    /**
     * systemd-nspawn's options for the machine's users and capabilities.
     *
     * @param range the machine's users; empty where they are the host's
     */
    List<String> options(Optional<UserRange> range) {
        // Owners are mapped where the image is mounted, before nspawn sees it.
        List<String> users = range.map(own -> List.of("--private-users=" + own.base() + ":" + UserRange.COUNT,
                "--private-users-ownership=off")).orElse(List.of("--private-users=no"));
        return capabilities.isEmpty() ? users
                : Stream.concat(users.stream(), Stream.of("--capability=" + String.join(",", capabilities)))
                        .toList();
    }
}
