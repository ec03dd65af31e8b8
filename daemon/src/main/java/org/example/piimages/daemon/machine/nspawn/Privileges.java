package org.example.piimages.daemon.machine.nspawn;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * The privileges of a machine on the host beyond those of every machine.
 *
 * @param hostUsers whether its users are the host's, so that its root is the host's root
 * @param capabilities additional capabilities of its root, by their names in capabilities(7)
 */
public record Privileges(boolean hostUsers, List<String> capabilities) {

    /** No additional privileges. */
    public static final Privileges NONE = new Privileges(false, List.of());

    private static final Pattern NAME = Pattern.compile("CAP_[A-Z_]{2,40}");

    /** Throws Failure INVALID_ARGUMENT for a string that cannot be the name of a capability, such as "all". */
    public Privileges {
        capabilities = List.copyOf(capabilities);
        for (String name : capabilities) {
            if (!NAME.matcher(name).matches()) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT, Printable.quoted(name) + " is not a capability such as CAP_NET_ADMIN");
            }
        }
    }

    /** Returns whether the machine has no additional privileges. */
    public boolean isNone() {
        return equals(NONE);
    }

    /**
     * Returns the options of systemd-nspawn for the machine's users and capabilities.
     *
     * @param range the machine's user IDs; empty if they are the host's
     */
    List<String> options(Optional<UserRange> range) {
        // The mounts of the image already map the owners, so nspawn must not.
        List<String> users = range.map(own -> List.of("--private-users=" + own.base() + ":" + UserRange.COUNT,
                "--private-users-ownership=off")).orElse(List.of("--private-users=no"));
        return capabilities.isEmpty() ? users
                : Stream.concat(users.stream(), Stream.of("--capability=" + String.join(",", capabilities)))
                        .toList();
    }
}
