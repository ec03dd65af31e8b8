package org.example.piimages.daemon.machine.nspawn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.mount.MachineMountTarget;
import org.example.piimages.daemon.linux.file.UserIds;
import org.example.piimages.daemon.linux.process.UserNamespace;

/**
 * Allocates a separate range of IDs to each machine, from those that systemd reserves for containers; "Users, Groups, UIDs and GIDs on
 * systemd Systems". systemd-nspawn could pick one, but only after the mounts that depend on it have been made.
 */
public final class UserRanges {

    /** The first base, in the upper part of the range for containers, 0x80000 to 0x6FFFFFFF, which no allocation of subuid(5) reaches. */
    private static final int FIRST = 0x60000000;
    private static final int MAX_RANGES = 4096;

    private final Map<String, UserRange> ranges = new HashMap<>();
    private final Map<UserRange, UserNamespace> namespaces = new HashMap<>();

    /**
     * Allocates a range to a machine, until {@link #release}.
     *
     * @return empty for a machine with the host's users
     * @throws Failure BUSY if no range is available
     */
    public synchronized Optional<UserRange> take(String machine, Privileges privileges) throws IOException {
        if (privileges.hostUsers()) {
            return Optional.empty();
        }
        for (int i = 0; i < MAX_RANGES; i++) {
            UserRange range = new UserRange(FIRST + i * UserRange.COUNT);
            // Checking whether a range is in use takes two processes, and is only necessary before its first use.
            if (!ranges.containsValue(range) && (namespaces.containsKey(range) || !UserIds.isAssigned(range.base()))) {
                ranges.put(machine, range);
                return Optional.of(range);
            }
        }
        throw new Failure(Failure.Kind.BUSY, "no UID range is available for another machine");
    }

    /** Returns where the image of a machine with these IDs is mounted. */
    public synchronized MachineMountTarget mountTarget(Path directory, Optional<UserRange> users) throws IOException {
        return new MachineMountTarget(directory, users.isPresent() ? Optional.of(namespace(users.get()).fd()) : Optional.empty());
    }

    /** Returns the user namespace of a range. It is kept for the next machine with that range, because creating one takes a process. */
    private UserNamespace namespace(UserRange range) throws IOException {
        UserNamespace namespace = namespaces.get(range);
        if (namespace == null) {
            namespace = UserNamespace.of(range.map(), range.map());
            namespaces.put(range, namespace);
        }
        return namespace;
    }

    /** Registers the range of a machine that an earlier process of the daemon started. */
    public synchronized void adopt(String machine, UserRange range) {
        ranges.put(machine, range);
    }

    /** Releases the range of a machine; no effect for a machine with the host's users. */
    public synchronized void release(String machine) {
        ranges.remove(machine);
    }
}
