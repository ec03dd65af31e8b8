package org.example.piimages.daemon.image.system;

import java.util.List;
import org.example.piimages.daemon.image.table.Volume;

/**
 * What of an image is mounted below its root, and where. It is made of the image's own fstab, which can be read only once the root is
 * known ({@link SystemChoice}).
 *
 * @param mounts in the order in which they are made; no target twice
 * @param rule by which the boot partition's place was found, so that whoever wonders can be told
 * @param notes one line for people on everything in the fstab that was passed over although it looked as if it were meant; safe to print
 */
public record MountPlan(List<Mount> mounts, Rule rule, List<String> notes) {

    /** How many mounts there are at most beside the root. */
    public static final int MOUNT_LIMIT = 32;

    /** The root alone. */
    public static final MountPlan NONE = new MountPlan(List.of(), Rule.NONE, List.of());

    /** How the boot partition's place was found. */
    public enum Rule {
        /** The image's fstab names the partition and its place. */
        FSTAB,
        /** The fstab names the place, but no partition of this image; the boot partition is taken. */
        FSTAB_TARGET,
        /** The fstab says nothing: by the release's name, /boot/firmware from bookworm on, /boot before. */
        OS_RELEASE,
        /** The fstab says nothing and the release is unknown: whichever of /boot/firmware and /boot is there. */
        DIRECTORY,
        /** Nothing is mounted for booting: there is no boot partition, or the fstab says not to (noauto), or there is no place for it. */
        NONE
    }

    /** One thing to mount. */
    public sealed interface Mount permits VolumeMount, BindMount {
        /** An absolute path in the image without "." and ".." components; links in it are still to be resolved within the image. */
        String target();
    }

    /**
     * A partition's filesystem.
     *
     * @param volume the partition; whether its filesystem fits into it is for the mounter to check
     * @param subvolume the mount option that names a btrfs subvolume, {@code subvol=@home}; empty for none
     * @param target see {@link Mount#target}
     */
    public record VolumeMount(Volume volume, String subvolume, String target) implements Mount {
    }

    /**
     * A folder of the image that is shown once more.
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
     * Plans what to mount besides the root, by the image's own fstab, and by custom where that does not mention the boot partition.
     *
     * @param choice what led to the root
     * @param root what was found in it
     */
    public static MountPlan of(SystemChoice choice, RootFacts root) {
        return choice.selection().withBoot() ? new MountPlanner(choice, root).plan() : NONE;
    }
}
