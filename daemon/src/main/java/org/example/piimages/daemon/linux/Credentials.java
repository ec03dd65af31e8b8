package org.example.piimages.daemon.linux;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Whose rights something is done with; credentials(7).
 *
 * @param uid the user
 * @param groups their groups, the primary one first; not empty
 */
public record Credentials(int uid, int[] groups) {

    /** Keeps its own copy of the groups. */
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

    String uidText() {
        return Integer.toUnsignedString(uid);
    }

    String gidText() {
        return Integer.toUnsignedString(groups[0]);
    }

    /** With commas between them. */
    String groupsText() {
        return Arrays.stream(groups).mapToObj(Integer::toUnsignedString).collect(Collectors.joining(","));
    }
}
