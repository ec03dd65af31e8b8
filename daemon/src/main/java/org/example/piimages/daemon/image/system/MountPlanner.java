package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.Volume;

/** Makes one {@link MountPlan}; used once. */
final class MountPlanner {

    /** Types that use no partition of the image: virtual and network filesystems, and types that are not filesystems. */
    private static final Set<String> UNRELATED_TYPES =
            Set.of("swap", "ignore", "tmpfs", "proc", "sysfs", "devpts", "devtmpfs", "nfs", "nfs4",
                    "cifs", "smb3", "sshfs", "fuse", "9p", "debugfs", "tracefs", "configfs", "cgroup", "cgroup2", "ramfs", "efivarfs",
                    "binfmt_misc");
    /** Directories whose contents exist only while the system runs. */
    private static final Set<String> RUNTIME = Set.of("/run", "/var/run", "/dev", "/proc", "/sys");
    private static final Pattern SUBVOLUME = Pattern.compile("subvol(id)?=[^\\p{Cntrl}\uFFFD,]{1,255}");
    /** Types whose labels are not in the superblock. */
    private static final Set<String> UNREAD_LABELS = Set.of("exfat", "ntfs");
    private static final int NOTE_LIMIT = 64;

    private final SystemChoice choice;
    private final RootFacts root;
    private final List<MountPlan.Mount> mounts = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final BootMount bootMount;

    MountPlanner(SystemChoice choice, RootFacts root) {
        this.choice = choice;
        this.root = root;
        this.bootMount = new BootMount(choice, root);
    }

    MountPlan plan() {
        if (!root.fstab().complete()) {
            note("the fstab is too long; only its beginning was used");
        }
        root.fstab().entries().forEach(this::consider);
        boolean bootFound = mounts.stream().anyMatch(this::isBoot);
        MountPlan.Rule rule = bootFound ? MountPlan.Rule.FSTAB : bootMount.find(this::isTaken, this::note);
        bootMount.mount().ifPresent(mounts::add);
        return new MountPlan(new MountOrder(mounts, this::note).sorted(), rule, notes);
    }

    private boolean isBoot(MountPlan.Mount mount) {
        boolean selected = choice.selection().boot().isPresent();
        return mount instanceof MountPlan.VolumeMount volume && (!selected && MountTarget.isBoot(mount.target())
                || bootMount.partition().filter(volume.volume()::equals).isPresent());
    }

    private void consider(Fstab.Entry entry) {
        if (UNRELATED_TYPES.contains(entry.type()) || entry.file().equals("none") || entry.file().equals("swap")) {
            return;
        }
        Optional<String> target = MountTarget.normalise(entry.file());
        if (target.isEmpty()) {
            skip(entry, "the mount point is not a plain absolute path");
        } else if (target.get().equals("/")) {
            return;
        } else if (entry.isBind()) {
            bind(entry, target.get());
        } else if (entry.type().equals("overlay")) {
            skip(entry, "only the running system sets up overlays");
        } else if (new DeviceSpecification(entry.specification(), choice.slots()).isDevice()) {
            device(entry, target.get());
        } else if (MountTarget.normalise(entry.specification()).isPresent() && isAutomatic(entry)) {
            skip(entry, "only partitions of the image and its directories are mounted, not files with a filesystem");
        }
    }

    private void bind(Fstab.Entry entry, String target) {
        Optional<String> source = MountTarget.normalise(entry.specification()).filter(path -> !path.equals("/"));
        if (!isAutomatic(entry)) {
            return;
        }
        if (source.isEmpty() || source.filter(path -> !isRuntime(path)).isEmpty()) {
            skip(entry, "the source is not a directory of the image");
        } else {
            add(entry, new MountPlan.BindMount(source.get(), target));
        }
    }

    private void device(Fstab.Entry entry, String target) {
        DeviceSpecification device = new DeviceSpecification(entry.specification(), choice.slots());
        boolean isOnOtherDisk = isOnAnotherDisk(device, target);
        List<Volume> named = isOnOtherDisk ? List.of() : device.findAll(choice.disk().volumes());
        // The boot partitions of two slots may have the same UUID, because they were written from the same data.
        Optional<Volume> volume = bootMount.override(target).or(() -> bootMount.partition().filter(named::contains))
                .or(() -> named.stream().findFirst());
        if (!isAutomatic(entry)) {
            if (MountTarget.isBoot(target) || volume.flatMap(Volume::filesystem).filter(Filesystem::isFat).isPresent()) {
                bootMount.decline();
            }
        } else if (volume.isEmpty()) {
            skip(entry, isOnOtherDisk ? "the image's root is not on a disk of that name" : "no partition of the image has that name"
                    + (entry.specification().startsWith("LABEL=") && hasUnreadLabels() ? "; labels of exfat and ntfs are not read" : ""));
            bootMount.missingTarget(target);
        } else {
            mount(entry, volume.get(), target);
        }
    }

    private boolean hasUnreadLabels() {
        return choice.disk().volumes().stream().flatMap(volume -> volume.filesystem().stream())
                .anyMatch(filesystem -> UNREAD_LABELS.contains(filesystem.type()));
    }

    /**
     * Whether the kernel's name of a partition is that of another disk. The image is the disk that contains its root; if the root is named
     * by an ID, the image is a card, and /dev/sda1 is some USB stick.
     */
    private boolean isOnAnotherDisk(DeviceSpecification device, String target) {
        List<DeviceSpecification> roots = Stream.concat(choice.boot().stream().map(boot -> boot.commandLine().root()),
                root.fstab().entries().stream().filter(Fstab.Entry::isRoot).map(Fstab.Entry::specification))
                .map(specification -> new DeviceSpecification(specification, choice.slots())).filter(DeviceSpecification::namesPartition)
                .toList();
        if (device.disk().isEmpty() || roots.isEmpty()) {
            return false;
        }
        List<String> own = roots.stream().flatMap(specification -> specification.disk().stream()).toList();
        return own.isEmpty() ? !device.isOnCard() && !MountTarget.isBoot(target) : !own.contains(device.disk().get());
    }

    /** Whether the entry is mounted at boot, or on first access: with x-systemd.automount, noauto only delays the mount. */
    private static boolean isAutomatic(Fstab.Entry entry) {
        return !entry.has("noauto") || entry.has("x-systemd.automount");
    }

    private void mount(Fstab.Entry entry, Volume volume, String target) {
        Optional<Filesystem> filesystem = volume.filesystem().filter(Filesystem::isMountable);
        String subvolume = filesystem.filter(found -> found.type().equals("btrfs")).map(found -> entry.subvolume()).orElse("");
        if (filesystem.isEmpty()) {
            skip(entry, SystemChoice.content(volume) + ", which is not mounted");
        } else if (!subvolume.isEmpty() && !SUBVOLUME.matcher(subvolume).matches()) {
            skip(entry, "that is not a valid subvolume name");
        } else if (isTaken(volume, subvolume)) {
            skip(entry, volume.partition().title() + " is already mounted");
        } else {
            add(entry, new MountPlan.VolumeMount(volume, subvolume, target));
        }
    }

    private void add(Fstab.Entry entry, MountPlan.Mount mount) {
        if (isRuntime(mount.target())) {
            skip(entry,
                    "the contents of " + RUNTIME.stream().filter(directory -> isWithin(mount.target(), directory)).findFirst().orElseThrow()
                            + " exist only while the system runs");
        } else if (mounts.stream().anyMatch(other -> other.target().equals(mount.target()))) {
            // The first one wins, as in systemd's fstab generator.
            skip(entry, "something else is mounted there");
        } else if (mounts.size() == MountPlan.MOUNT_LIMIT) {
            skip(entry, "the limit of " + MountPlan.MOUNT_LIMIT + " mounts is reached");
        } else {
            mounts.add(mount);
        }
    }

    private static boolean isRuntime(String path) {
        return RUNTIME.stream().anyMatch(directory -> isWithin(path, directory));
    }

    private static boolean isWithin(String path, String directory) {
        return path.equals(directory) || path.startsWith(directory + "/");
    }

    private boolean isTaken(Volume volume, String subvolume) {
        return root.place().equals(new RootLocation(volume, subvolume))
                || mounts.stream().anyMatch(mount -> mount instanceof MountPlan.VolumeMount other && other.volume().equals(volume)
                        && other.subvolume().equals(subvolume));
    }

    private void skip(Fstab.Entry entry, String reason) {
        note("the fstab's " + Printable.quoted(entry.specification()) + " on " + Printable.quoted(entry.file()) + " is skipped: "
                + reason);
    }

    private void note(String note) {
        if (notes.size() < NOTE_LIMIT) {
            notes.add(note);
        }
    }
}
