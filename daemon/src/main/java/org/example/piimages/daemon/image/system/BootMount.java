package org.example.piimages.daemon.image.system;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.Volume;

/** Finds the mount point of the boot partition if the fstab does not set it; used once. */
final class BootMount {

    /** Releases of Debian and Raspberry Pi OS that mount the boot partition on /boot; every later one uses /boot/firmware. */
    private static final Set<String> BEFORE_BOOKWORM = Set.of("wheezy", "jessie", "stretch", "buster", "bullseye");
    private static final String BOOT = "/boot";
    private static final String BOOT_FIRMWARE = "/boot/firmware";

    private final SystemChoice choice;
    private final RootFacts root;
    /** The mount point that the fstab sets for a boot partition that the image does not have. */
    private Optional<String> missingTarget = Optional.empty();
    /** Whether the fstab says that the boot partition is not mounted automatically. */
    private boolean declined;
    private Optional<MountPlan.VolumeMount> mount = Optional.empty();

    BootMount(SystemChoice choice, RootFacts root) {
        this.choice = choice;
        this.root = root;
    }

    /** Tells that the fstab has this mount point for a partition that is not in the image. */
    void missingTarget(String target) {
        if (missingTarget.isEmpty() && (target.equals(BOOT) || target.equals(BOOT_FIRMWARE))) {
            missingTarget = Optional.of(target);
        }
    }

    /** Tells that the fstab says not to mount the boot partition. */
    void decline() {
        declined = true;
    }

    /** Returns the boot partition that the caller selected, if {@code target} is a boot partition's mount point: it overrides the fstab. */
    Optional<Volume> override(String target) {
        boolean isSelected = choice.selection().boot().isPresent() && (target.equals(BOOT) || target.equals(BOOT_FIRMWARE));
        return isSelected ? choice.disk().volume(choice.selection().boot().getAsInt()) : Optional.empty();
    }

    /** The mount that {@link #find} found; empty if none. */
    Optional<MountPlan.VolumeMount> mount() {
        return mount;
    }

    /**
     * Looks for the boot partition and its mount point; returns the rule by which they were found.
     *
     * @param taken whether a volume, or a subvolume of it, is mounted already
     * @param notes accepts messages about a boot partition that is not mounted
     */
    MountPlan.Rule find(BiPredicate<Volume, String> taken, Consumer<String> notes) {
        Optional<Volume> boot = partition().filter(volume -> !taken.test(volume, ""));
        if (boot.isEmpty() || declined && choice.selection().boot().isEmpty()) {
            return MountPlan.Rule.NONE;
        }
        String title = boot.get().partition().title();
        Optional<Volume> other = otherRoot(boot.get());
        if (other.isPresent()) {
            notes.accept(title + " looks like the boot partition, but its cmdline.txt specifies as the root "
                    + other.get().partition().title() + "; to use it, specify --boot=" + boot.get().partition().number());
            return MountPlan.Rule.NONE;
        }
        if (missingTarget.isPresent()) {
            return place(boot.get(), missingTarget.get(), MountPlan.Rule.FSTAB_TARGET, notes);
        }
        boolean bootExists = root.boot() != DirectoryState.MISSING;
        boolean firmwareExists = root.bootFirmware() != DirectoryState.MISSING;
        if (!bootExists && !firmwareExists) {
            notes.accept(title + " looks like the boot partition, but the image has neither /boot/firmware nor /boot");
            return MountPlan.Rule.NONE;
        }
        String custom = BEFORE_BOOKWORM.contains(root.release().versionCodename()) ? BOOT : BOOT_FIRMWARE;
        boolean customExists = custom.equals(BOOT) ? bootExists : firmwareExists;
        if (!root.release().versionCodename().isEmpty() && customExists) {
            return place(boot.get(), custom, MountPlan.Rule.OS_RELEASE, notes);
        }
        return place(boot.get(), firmwareExists ? BOOT_FIRMWARE : BOOT, MountPlan.Rule.DIRECTORY, notes);
    }

    /** Returns the partition that the command line in the boot partition names as the root, if it may be one and is not this root. */
    private Optional<Volume> otherRoot(Volume boot) {
        if (choice.selection().boot().isPresent()) {
            return Optional.empty();
        }
        List<Volume> namedRoots = choice.disk().boots().stream().filter(files -> files.volume().equals(boot))
                .flatMap(files -> rootsNamedBy(files).stream()).toList();
        return namedRoots.contains(root.place().volume()) ? Optional.empty()
                : namedRoots.stream().filter(volume -> volume.filesystem().filter(Filesystem::canBeRoot).isPresent()).findFirst();
    }

    private List<Volume> rootsNamedBy(BootFiles files) {
        return new DeviceSpecification(files.commandLine().root(), SlotLinks.of(Optional.of(files))).findAll(choice.disk().volumes());
    }

    /** Mounts at a guessed mount point, unless that would hide files. */
    private MountPlan.Rule place(Volume boot, String target, MountPlan.Rule rule, Consumer<String> notes) {
        DirectoryState state = target.equals(BOOT) ? root.boot() : root.bootFirmware();
        if (state == DirectoryState.NOT_EMPTY) {
            notes.accept(boot.partition().title() + " looks like the boot partition, but the fstab does not mount it, and it would hide the"
                    + " files in " + target);
            return MountPlan.Rule.NONE;
        }
        mount = Optional.of(new MountPlan.VolumeMount(boot, "", target));
        return rule;
    }

    /**
     * Returns the boot partition: the one that the caller selected, or whose cmdline.txt names the root, or that the firmware boots from.
     * Failing these, the only FAT partition is taken if the fstab has a mount point for one.
     */
    Optional<Volume> partition() {
        if (choice.selection().boot().isPresent()) {
            return choice.disk().volume(choice.selection().boot().getAsInt());
        }
        Optional<BootFiles> naming = choice.disk().boots().stream().filter(this::namesRoot)
                .max(Comparator.comparing(files -> choice.boot().filter(files::equals).isPresent()));
        List<BootFiles> all = choice.disk().boots();
        return naming.or(choice::boot).map(BootFiles::volume)
                .or(() -> missingTarget.isPresent() && all.size() == 1 ? Optional.of(all.get(0).volume()) : Optional.empty());
    }

    private boolean namesRoot(BootFiles files) {
        return rootsNamedBy(files).contains(root.place().volume());
    }
}
