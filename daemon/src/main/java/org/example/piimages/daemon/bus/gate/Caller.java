package org.example.piimages.daemon.bus.gate;

import org.example.piimages.daemon.image.Owner;
import org.example.piimages.daemon.image.SubordinateIds;

/**
 * Who sent a message, as the bus itself vouches for it.
 *
 * @param sender the unique bus name; never given to anybody else
 * @param uid the user
 * @param account whose share of the daemon their calls take: one number for all that a user can be, {@link SubordinateIds}
 * @param groups their groups, the primary one first
 * @param pid the process, 0 where the bus does not tell; for messages only, because numbers are used again
 * @param interactive whether the message allows a dialog
 */
public record Caller(String sender, int uid, int account, int[] groups, long pid, boolean interactive) {

    /** Nobody in particular: how signals to everybody see properties. */
    public static final Caller EVERYBODY = new Caller("", -1, -1, new int[] {-1}, 0, false);

    /** The same, of a message that allows a dialog or does not. */
    Caller asking(boolean allowed) {
        return new Caller(sender, uid, account, groups, pid, allowed);
    }

    public Owner owner() {
        return new Owner(uid, groups[0]);
    }

    /** Whether this is the owner of a thing, or root. */
    public boolean mayLookAt(int ownerUid) {
        return uid == 0 || uid == ownerUid;
    }
}
