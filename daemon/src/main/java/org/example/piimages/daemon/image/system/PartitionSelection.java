package org.example.piimages.daemon.image.system;

import java.util.OptionalInt;

/**
 * The partitions of an image that a caller selects, and what opens them; those that are left open are determined from the image.
 *
 * @param root the number of the partition with the root filesystem
 * @param boot the number of the partition that belongs on /boot or /boot/firmware
 * @param withBoot whether anything besides the root is wanted at all
 * @param passphrase what opens the encrypted ones
 */
public record PartitionSelection(OptionalInt root, OptionalInt boot, boolean withBoot, Passphrase passphrase) {

    /** No selection: everything is found out. */
    public static final PartitionSelection NONE = new PartitionSelection(OptionalInt.empty(), OptionalInt.empty(), true);

    /** The root alone, whichever it is. */
    public static final PartitionSelection ROOT_ALONE = new PartitionSelection(OptionalInt.empty(), OptionalInt.empty(), false);

    /** A selection with nothing to open. */
    public PartitionSelection(OptionalInt root, OptionalInt boot, boolean withBoot) {
        this(root, boot, withBoot, Passphrase.NONE);
    }

    /** Whether a partition is named. */
    public boolean namesPartition() {
        return root.isPresent() || boot.isPresent();
    }
}
