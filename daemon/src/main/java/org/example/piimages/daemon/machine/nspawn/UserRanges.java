package org.example.piimages.daemon.machine.nspawn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.MachinePlace;
import org.example.piimages.daemon.linux.file.UserIds;
import org.example.piimages.daemon.linux.process.UserNamespace;

/**
 * Gives each machine a range of users for itself, of those that systemd keeps for containers; "Users, Groups, UIDs and GIDs on systemd
 * Systems". systemd-nspawn could pick one, but not before what it is to apply to is mounted.
 */
public final class UserRanges {

    /** In the upper part of the containers' range, 0x80000 to 0x6FFEFFFF, which nobody's subuid(5) reaches. */
    private static final int FIRST = 0x60000000;
    private static final int MOST = 4096;

    private final Map<String, UserRange> taken = new HashMap<>();
    private final Map<UserRange, UserNamespace> namespaces = new HashMap<>();

    /**
     * A range that nobody else has, until {@link #release}; empty for a machine that has the host's users.
     *
     * @throws Failure BUSY when there is none left
     */
    public synchronized Optional<UserRange> take(String machine, Privileges privileges) throws IOException {
        if (privileges.hostUsers()) {
            return Optional.empty();
        }
        for (int i = 0; i < MOST; i++) {
            UserRange range = new UserRange(FIRST + i * UserRange.COUNT);
            // Whether a range is somebody's takes two processes, and is asked before it is used first.
            if (!taken.containsValue(range) && (namespaces.containsKey(range) || !UserIds.isTaken(range.base()))) {
                taken.put(machine, range);
                return Optional.of(range);
            }
        }
        throw new Failure(Failure.Kind.BUSY, "no UID range is available for another machine");
    }

    /** Where a machine with those users gets its image. */
    public synchronized MachinePlace place(Path folder, Optional<UserRange> users) throws IOException {
        return new MachinePlace(folder, users.isPresent() ? Optional.of(namespace(users.get()).fd()) : Optional.empty());
    }

    /** Kept for the next machine that has the range: to make one takes a process. */
    private UserNamespace namespace(UserRange range) throws IOException {
        UserNamespace known = namespaces.get(range);
        if (known == null) {
            known = UserNamespace.of(range.map(), range.map());
            namespaces.put(range, known);
        }
        return known;
    }

    /** A machine of the daemon before this one. */
    public synchronized void adopt(String machine, UserRange range) {
        taken.put(machine, range);
    }

    /** Gives a machine's range back; one that has none has the host's users. */
    public synchronized void release(String machine) {
        taken.remove(machine);
    }
}
