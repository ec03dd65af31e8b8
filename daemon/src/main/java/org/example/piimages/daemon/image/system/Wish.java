package org.example.piimages.daemon.image.system;

import java.util.OptionalInt;

/**
 * What a caller chooses of an image; what they leave open is found out.
 *
 * @param root the number of the partition with the root filesystem
 * @param boot the number of the partition that belongs on /boot or /boot/firmware
 * @param withBoot whether anything besides the root is wanted at all
 */
public record Wish(OptionalInt root, OptionalInt boot, boolean withBoot) {

    /** No wish: everything is found out. */
    public static final Wish NONE = new Wish(OptionalInt.empty(), OptionalInt.empty(), true);

    /** The root alone, whichever it is. */
    public static final Wish ROOT_ALONE = new Wish(OptionalInt.empty(), OptionalInt.empty(), false);

    /** Whether a partition is named. */
    public boolean namesPartition() {
        return root.isPresent() || boot.isPresent();
    }
}
