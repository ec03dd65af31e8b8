package org.example.piimages.daemon.image;

import org.example.piimages.daemon.linux.block.LoopMarkers;
import org.example.piimages.daemon.linux.file.Undo;

/** How many images each user, and all users together, have mounted and may mount. Root is not limited. */
final class MountQuota {

    private final Quota<Integer> quota = new Quota<>("images mounted", Images.LIMIT_PER_USER, Images.LIMIT, 1);
    private final SubordinateIds accounts;

    /** A quota in which all UIDs of an account count as one user. */
    MountQuota(SubordinateIds accounts) {
        this.accounts = accounts;
    }

    /** Takes one, before anything else is done; the undo gives it back. Throws Failure LIMIT_EXCEEDED. */
    Undo take(Owner owner) {
        Undo undo = new Undo();
        undo.add("remove the loop devices' markers", LoopMarkers::sweep);
        if (!owner.isRoot()) {
            quota.take(accounts.account(owner.uid()), 1);
            undo.add("release the quota of a mounted image", () -> give(owner));
        }
        return undo;
    }

    /** Counts one that is taken already, whatever the limits say. */
    void add(Owner owner) {
        if (!owner.isRoot()) {
            quota.add(accounts.account(owner.uid()), 1);
        }
    }

    /** Gives one back. */
    void give(Owner owner) {
        if (!owner.isRoot()) {
            quota.give(accounts.account(owner.uid()), 1);
        }
    }
}
