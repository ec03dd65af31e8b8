package org.example.piimages.daemon.linux.file;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * The credentials with which an operation is performed; credentials(7).
 *
 * @param uid the user
 * @param groups the groups, the primary one first; not empty
 */
public record Credentials(int uid, int[] groups) {

    /**
     * The first of the user ids that nobody has: above those of accounts, of systemd's ranges and of user namespaces; "Users, Groups, UIDs
     * and GIDs on systemd Systems".
     */
    private static final int FIRST_UNUSED_ID = (int) 3_000_000_000L;
    private static final int UNUSED_IDS = 1_000_000;
    private static final AtomicInteger USED = new AtomicInteger();

    /** Returns a user that no other process runs as, now or soon: for files and processes that must be inaccessible to all others. */
    public static Credentials ofUnusedId() {
        int uid = FIRST_UNUSED_ID + USED.getAndUpdate(last -> (last + 1) % UNUSED_IDS);
        return new Credentials(uid, new int[] {uid});
    }

    /** Whether a user is one that {@link #ofUnusedId} returns. */
    public static boolean isUnusedId(int uid) {
        return uid - FIRST_UNUSED_ID >= 0 && uid - FIRST_UNUSED_ID < UNUSED_IDS;
    }

    /** Copies the array of groups. */
    public Credentials {
        groups = groups.clone();
    }

    @Override
    public int[] groups() {
        return groups.clone();
    }

    public boolean isRoot() {
        return uid == 0;
    }

    public String uidText() {
        return Integer.toUnsignedString(uid);
    }

    public String gidText() {
        return Integer.toUnsignedString(groups[0]);
    }

    /** The groups, separated by commas. */
    public String groupsText() {
        return Arrays.stream(groups).mapToObj(Integer::toUnsignedString).collect(Collectors.joining(","));
    }
}
