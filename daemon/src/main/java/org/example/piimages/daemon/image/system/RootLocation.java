package org.example.piimages.daemon.image.system;

import org.example.piimages.daemon.image.table.Volume;

/**
 * The location of a root filesystem.
 *
 * @param volume the partition
 * @param subvolume the mount option that names a btrfs subvolume, {@code subvol=@}; the empty string if it is mounted without one
 */
public record RootLocation(Volume volume, String subvolume) {

    /** The location for a message: "partition 2", "subvolume @ of partition 2". */
    public String title() {
        String partition = volume.partition().title();
        return subvolume.isEmpty() ? partition : "subvolume " + subvolume.substring(subvolume.indexOf('=') + 1) + " of " + partition;
    }

    /** Whether a name can be passed to the kernel as a subvolume's: it has no comma, slash, control character or invalid UTF-8. */
    public static boolean isPlainSubvolume(String name) {
        return !name.isEmpty() && name.codePoints().noneMatch(point -> point == ',' || point == '/' || point == 0xFFFD
                || Character.isISOControl(point));
    }

    /** Whether the subvolume option of an fstab line for / leads here. Without an option the filesystem's default subvolume is mounted. */
    boolean isNamedBy(String option) {
        return subvolume.equals(option) || subvolume.isEmpty();
    }
}
