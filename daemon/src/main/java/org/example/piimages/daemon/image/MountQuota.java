package org.example.piimages.daemon.image;

import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.linux.block.LoopMarkers;
import org.example.piimages.daemon.linux.file.Undo;

/** The limit on mounted images per user and for all users together. Root is not limited. */
final class MountQuota {

    private final Quota<Integer> quota = new Quota<>("images mounted", Images.LIMIT_PER_USER, Images.LIMIT, 1);
    private final SubordinateIds accounts;

    /** Creates a quota in which all UIDs of an account count as one user. */
    MountQuota(SubordinateIds accounts) {
        this.accounts = accounts;
    }

    /** Counts one more image, before it is mounted; the undo reverts it. Throws Failure LIMIT_EXCEEDED. */
    Undo take(Owner owner) {
        Undo undo = new Undo();
        undo.add("remove the loop devices' markers", LoopMarkers::sweep);
        if (!owner.isRoot()) {
            quota.take(accounts.account(owner.uid()), 1);
            undo.add("release the quota of a mounted image", () -> release(owner));
        }
        return undo;
    }

    /** Counts an image that is mounted already, regardless of the limits. */
    void add(Owner owner) {
        if (!owner.isRoot()) {
            quota.add(accounts.account(owner.uid()), 1);
        }
    }

    /** Counts one image less. */
    void release(Owner owner) {
        if (!owner.isRoot()) {
            quota.release(accounts.account(owner.uid()), 1);
        }
    }
}
