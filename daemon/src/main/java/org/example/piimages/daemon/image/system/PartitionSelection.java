package org.example.piimages.daemon.image.system;

import java.util.OptionalInt;

/**
 * The partitions of an image that a caller selects, and the passphrase that opens them; unset values are determined from the image.
 *
 * @param root the number of the partition with the root filesystem
 * @param boot the number of the partition for /boot or /boot/firmware
 * @param withBoot whether anything besides the root is mounted
 * @param passphrase the passphrase of the encrypted partitions
 */
public record PartitionSelection(OptionalInt root, OptionalInt boot, boolean withBoot, Passphrase passphrase) {

    /** No selection: everything is determined from the image. */
    public static final PartitionSelection NONE = new PartitionSelection(OptionalInt.empty(), OptionalInt.empty(), true);

    /** Only the root, whichever it is. */
    public static final PartitionSelection ROOT_ONLY = new PartitionSelection(OptionalInt.empty(), OptionalInt.empty(), false);

    /** Creates a selection without a passphrase. */
    public PartitionSelection(OptionalInt root, OptionalInt boot, boolean withBoot) {
        this(root, boot, withBoot, Passphrase.NONE);
    }

    /** Whether a partition is named. */
    public boolean namesPartition() {
        return root.isPresent() || boot.isPresent();
    }
}
