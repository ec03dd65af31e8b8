package org.example.piimages.daemon.image.system;

import org.example.piimages.daemon.image.table.Volume;

/**
 * Where a root filesystem is.
 *
 * @param volume the partition
 * @param subvolume the mount option that names a btrfs subvolume, {@code subvol=@}; empty for what is mounted without one
 */
public record RootPlace(Volume volume, String subvolume) {

    /** For a message: "partition 2", "subvolume @ of partition 2". */
    public String title() {
        String partition = volume.partition().title();
        return subvolume.isEmpty() ? partition : "subvolume " + subvolume.substring(subvolume.indexOf('=') + 1) + " of " + partition;
    }

    /** Whether a name can be given to the kernel as a subvolume's: it has no comma, no slash and nothing that is no text. */
    public static boolean isPlainSubvolume(String name) {
        return !name.isEmpty() && name.codePoints().noneMatch(point -> point == ',' || point == '/' || point == 0xFFFD
                || Character.isISOControl(point));
    }

    /** Whether an option, or none, of an fstab line for / leads here: without one the filesystem's default subvolume is mounted. */
    boolean isNamedBy(String option) {
        return subvolume.equals(option) || subvolume.isEmpty();
    }
}
