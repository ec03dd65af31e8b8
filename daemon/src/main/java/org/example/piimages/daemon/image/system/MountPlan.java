package org.example.piimages.daemon.image.system;

import java.util.List;
import org.example.piimages.daemon.image.table.Volume;

/**
 * The mounts of an image below its root. They are planned from the image's fstab, which can be read only once the root is known ({@link
 * SystemChoice}).
 *
 * @param mounts the mounts in the order in which they are made; each target occurs once
 * @param rule the rule by which the boot partition's mount point was found, for explanation
 * @param notes one human-readable line, safe to print, for each fstab entry that was skipped although it seemed to be meant
 */
public record MountPlan(List<Mount> mounts, Rule rule, List<String> notes) {

    /** The most mounts besides the root. */
    public static final int MOUNT_LIMIT = 32;

    /** Only the root. */
    public static final MountPlan NONE = new MountPlan(List.of(), Rule.NONE, List.of());

    /** The rule by which the boot partition's mount point was found. */
    public enum Rule {
        /** The fstab names the partition and its mount point. */
        FSTAB,
        /** The fstab names the mount point, but no partition of this image; the boot partition is taken. */
        FSTAB_TARGET,
        /** The fstab has no entry: by the release's codename, /boot/firmware since bookworm, /boot before. */
        OS_RELEASE,
        /** The fstab has no entry and the release is unknown: whichever of /boot/firmware and /boot exists. */
        DIRECTORY,
        /** No boot partition is mounted: there is none, the fstab says not to (noauto), or it has no mount point. */
        NONE
    }

    /** A mount. */
    public sealed interface Mount permits VolumeMount, BindMount {
        /**
         * The mount point: an absolute path in the image without "." and ".." components; symbolic links in it still have to be resolved
         * within the image.
         */
        String target();
    }

    /**
     * A mount of a partition's filesystem.
     *
     * @param volume the partition; the caller has to check whether the filesystem fits into it
     * @param subvolume the mount option that names a btrfs subvolume, {@code subvol=@home}; the empty string for none
     * @param target see {@link Mount#target}
     */
    public record VolumeMount(Volume volume, String subvolume, String target) implements Mount {
    }

    /**
     * A bind mount of a directory of the image.
     *
     * @param source its path, as {@link Mount#target}
     * @param target see {@link Mount#target}
     */
    public record BindMount(String source, String target) implements Mount {
    }

    /** Keeps its own copies of the lists. */
    public MountPlan {
        mounts = List.copyOf(mounts);
        notes = List.copyOf(notes);
    }

    /**
     * Plans the mounts besides the root from the image's fstab, and by convention if that does not mention the boot partition.
     *
     * @param choice how the root was chosen
     * @param root the facts about the root
     */
    public static MountPlan of(SystemChoice choice, RootFacts root) {
        return choice.selection().withBoot() ? new MountPlanner(choice, root).plan() : NONE;
    }
}
