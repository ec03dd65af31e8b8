package org.example.piimages.daemon.image;

import org.example.piimages.daemon.linux.LoopMarkers;
import org.example.piimages.daemon.linux.Undo;

/** The places for mounted images: how many owners have taken, and may take. Root is not limited. */
final class Places {

    private final Quota<Integer> quota = new Quota<>("images mounted", Images.LIMIT_PER_USER, Images.LIMIT, 1);
    private final SubordinateIds accounts;

    /** Places that all numbers of an account share. */
    Places(SubordinateIds accounts) {
        this.accounts = accounts;
    }

    /** Takes one, before anything else is done; the undo gives it back. Throws Failure LIMIT_EXCEEDED. */
    Undo take(Owner owner) {
        Undo undo = new Undo();
        undo.add("remove the loop devices' markers", LoopMarkers::sweep);
        if (!owner.isRoot()) {
            quota.take(accounts.account(owner.uid()), 1);
            undo.add("give back a place", () -> give(owner));
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
