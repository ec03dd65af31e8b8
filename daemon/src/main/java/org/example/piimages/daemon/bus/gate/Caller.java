package org.example.piimages.daemon.bus.gate;

import org.example.piimages.daemon.image.SubordinateIds;
import org.example.piimages.daemon.image.mount.Owner;

/**
 * The sender of a message, as reported by the bus itself.
 *
 * @param sender the unique bus name, which is never reused
 * @param uid the user
 * @param account the number under which the caller's use of the daemon is counted: the same for all users that one user can become, see
 * {@link SubordinateIds}
 * @param groups the groups, the primary one first
 * @param pid the process, 0 if the bus does not report it; for log messages only, because process ids are reused
 * @param interactive whether the message allows an authentication dialog
 */
public record Caller(String sender, int uid, int account, int[] groups, long pid, boolean interactive) {

    /** No particular caller: signals carry the properties as everybody may see them. */
    public static final Caller EVERYBODY = new Caller("", -1, -1, new int[] {-1}, 0, false);

    /** The same caller, with {@link #interactive} set as given. */
    Caller withInteractive(boolean allowed) {
        return new Caller(sender, uid, account, groups, pid, allowed);
    }

    public Owner owner() {
        return new Owner(uid, groups[0]);
    }

    /** Whether this caller is root or the owner. */
    public boolean mayRead(int ownerUid) {
        return uid == 0 || uid == ownerUid;
    }
}
