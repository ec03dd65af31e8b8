package org.example.piimages.daemon.image.system;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Filesystem;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.PartitionTable;
import org.example.piimages.daemon.image.disk.Volume;

/**
 * Which partitions of an image are mounted where. It is decided in two steps, because the image's fstab can be read only once its root is
 * mounted: {@link #rootCandidates} before, {@link #of} after.
 *
 * @param root what holds /
 * @param mounts what is mounted below it, parents before children; no target and no partition twice
 * @param rule by which the boot partition's place was found, so that whoever wonders can be told
 * @param notes one line for people on everything in the fstab that was passed over although it looked as if it were meant; safe to print
 */
public record MountPlan(Volume root, List<Mount> mounts, Rule rule, List<String> notes) {

    /** How many partitions are mounted at most beside the root. */
    public static final int MOUNT_LIMIT = 16;

    /** Root partitions by their types in the Discoverable Partitions Specification: 32-bit and 64-bit ARM. */
    private static final Set<String> ROOT_TYPES = Set.of("69dad710-2ce4-4e3c-b16c-21a1d49abed3", "b921b045-1df0-41c3-af44-4c6f280d3fae");
    /** What Raspberry Pi OS, Ubuntu, and Debian's images for the Pi call their root filesystem. */
    private static final Set<String> ROOT_LABELS = Set.of("rootfs", "writable", "raspiroot", "root");

    /** How the boot partition's place was found. */
    public enum Rule {
        /** The image's fstab names the partition and its place. */
        FSTAB,
        /** The fstab names the place, but no partition of this image; the first FAT partition is taken. */
        FSTAB_TARGET,
        /** The fstab says nothing: by the release's name, /boot/firmware from bookworm on, /boot before. */
        OS_RELEASE,
        /** The fstab says nothing and the release is unknown: whichever of /boot/firmware and /boot is there. */
        DIRECTORY,
        /** Nothing is mounted for booting: there is no FAT partition, or the fstab says not to (noauto), or there is no place for it. */
        NONE
    }

    /**
     * One partition to mount.
     *
     * @param partition where the filesystem is
     * @param filesystem what its superblock says; whether it {@link Filesystem#fits} is for the mounter to check
     * @param target an absolute path in the image without "." and ".." components; links in it are still to be resolved within the image
     * @param readOnly whether the fstab says "ro"
     */
    public record Mount(Partition partition, Filesystem filesystem, String target, boolean readOnly) {
    }

    /** Keeps its own copies of the lists. */
    public MountPlan {
        mounts = List.copyOf(mounts);
        notes = List.copyOf(notes);
    }

    /**
     * The first step: the volumes that may be the root, the likeliest first. A partition whose GPT type says so comes before one that is
     * labelled so, then the larger one comes first: a recovery system or a data partition beside the root is no rarity, so the mounter
     * should look for /etc or /usr before it trusts a candidate.
     *
     * @return one at least
     * @throws Failure INVALID_IMAGE when no partition holds a filesystem that Linux can run from
     */
    public static List<Volume> rootCandidates(List<Volume> volumes) {
        List<Volume> candidates = volumes.stream()
                .filter(volume -> volume.filesystem().filter(Filesystem::canBeRoot).isPresent())
                .sorted(Comparator.comparingInt(MountPlan::rank)
                        .thenComparing(volume -> volume.partition().length(), Comparator.reverseOrder())
                        .thenComparing(volume -> volume.partition().number()))
                .toList();
        if (candidates.isEmpty()) {
            throw PartitionTable.invalid("the image has no Linux partition: " + volumes.stream().map(MountPlan::content)
                    .collect(Collectors.joining(", ")) + "; one with ext4, btrfs, f2fs, xfs or squashfs is needed");
        }
        return candidates;
    }

    /**
     * The second step: what else to mount, by the image's own fstab, and by custom where that does not mention the boot partition.
     *
     * @param volumes all of the image
     * @param root the one that is mounted
     * @param fstab read from it; {@link Fstab#EMPTY} when it has none
     * @param facts about it
     */
    public static MountPlan of(List<Volume> volumes, Volume root, Fstab fstab, BootFacts facts) {
        return new MountPlanner(volumes, root, facts).plan(fstab);
    }

    private static int rank(Volume volume) {
        if (ROOT_TYPES.contains(volume.partition().type())) {
            return 0;
        }
        boolean labelled = ROOT_LABELS.contains(volume.filesystem().orElseThrow().label().toLowerCase(Locale.ROOT));
        return labelled ? 1 : 2;
    }

    private static String content(Volume volume) {
        return volume.partition().title() + " holds " + volume.filesystem().map(Filesystem::type).orElse("nothing known");
    }
}
