package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.daemon.image.disk.Filesystem;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.disk.Volume;

/** Makes one {@link MountPlan}; used once. */
final class MountPlanner {

    /** Types that need no partition of the image: virtual, of the network, or no filesystem at all. */
    private static final Set<String> ELSEWHERE = Set.of("swap", "none", "ignore", "tmpfs", "proc", "sysfs", "devpts", "devtmpfs", "overlay",
            "nfs", "nfs4", "cifs", "smb3", "sshfs", "fuse", "9p", "debugfs", "tracefs", "configfs", "cgroup", "cgroup2", "ramfs");
    /** Releases of Debian and Raspberry Pi OS that mount the boot partition on /boot; every later one uses /boot/firmware. */
    private static final Set<String> BEFORE_BOOKWORM = Set.of("wheezy", "jessie", "stretch", "buster", "bullseye");
    private static final String BOOT = "/boot";
    private static final String BOOT_FIRMWARE = "/boot/firmware";
    private static final int NOTE_LIMIT = 32;

    private final List<Volume> volumes;
    private final Volume root;
    private final BootFacts facts;
    private final List<MountPlan.Mount> mounts = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    /** Where the fstab wants a boot partition that the image does not have. */
    private Optional<String> bootTarget = Optional.empty();
    /** Whether the fstab says that the boot partition is not to be mounted by itself. */
    private boolean bootDeclined;

    MountPlanner(List<Volume> volumes, Volume root, BootFacts facts) {
        this.volumes = volumes;
        this.root = root;
        this.facts = facts;
    }

    MountPlan plan(Fstab fstab) {
        if (!fstab.complete()) {
            note("the fstab is longer than any real one; only its beginning was used");
        }
        fstab.entries().forEach(this::consider);
        boolean bootFound = mounts.stream().anyMatch(mount -> MountTarget.isBoot(mount.target()) || mount.filesystem().isFat());
        MountPlan.Rule rule = bootFound ? MountPlan.Rule.FSTAB : placeBoot();
        mounts.sort(Comparator.comparingLong(mount -> MountTarget.depth(mount.target())));
        return new MountPlan(root, mounts, rule, notes);
    }

    private void consider(Fstab.Entry entry) {
        DeviceSpecification device = new DeviceSpecification(entry.specification());
        boolean elsewhere = ELSEWHERE.contains(entry.type()) || entry.file().equals("none") || entry.file().equals("swap")
                || entry.has("bind") || entry.has("rbind") || !device.isDevice();
        if (elsewhere) {
            return;
        }
        Optional<String> target = MountTarget.normalise(entry.file());
        if (target.isEmpty()) {
            note(describe(entry) + " is passed over: that is no plain absolute path");
        } else if (!target.get().equals("/")) {
            find(entry, device, target.get()).ifPresent(volume -> add(entry, volume, target.get()));
        }
    }

    /** The volume to mount for an entry, unless the entry is not for us. */
    private Optional<Volume> find(Fstab.Entry entry, DeviceSpecification device, String target) {
        Optional<Volume> volume = device.find(volumes);
        // With x-systemd.automount, noauto only means "not before somebody looks".
        if (entry.has("noauto") && !entry.has("x-systemd.automount")) {
            bootDeclined |= MountTarget.isBoot(target) || volume.flatMap(Volume::filesystem).filter(Filesystem::isFat).isPresent();
            return Optional.empty();
        }
        if (volume.isEmpty()) {
            note(describe(entry) + " is passed over: no partition of the image has that name");
            if (bootTarget.isEmpty() && (target.equals(BOOT) || target.equals(BOOT_FIRMWARE))) {
                bootTarget = Optional.of(target);
            }
        }
        return volume;
    }

    private void add(Fstab.Entry entry, Volume volume, String target) {
        Optional<Filesystem> filesystem = volume.filesystem().filter(Filesystem::isMountable);
        if (filesystem.isEmpty()) {
            note(describe(entry) + " is passed over: " + volume.partition().title() + " holds no known filesystem");
        } else if (isTaken(volume)) {
            note(describe(entry) + " is passed over: " + volume.partition().title() + " is mounted already");
        } else if (mounts.stream().anyMatch(mount -> mount.target().equals(target))) {
            // The first one wins, as in systemd's fstab generator.
            note(describe(entry) + " is passed over: another partition is mounted there");
        } else if (mounts.size() == MountPlan.MOUNT_LIMIT) {
            note(describe(entry) + " is passed over: " + MountPlan.MOUNT_LIMIT + " partitions are mounted already");
        } else {
            mounts.add(new MountPlan.Mount(volume.partition(), filesystem.get(), target, entry.has("ro")));
        }
    }

    private boolean isTaken(Volume volume) {
        int number = volume.partition().number();
        return number == root.partition().number() || mounts.stream().anyMatch(mount -> mount.partition().number() == number);
    }

    private MountPlan.Rule placeBoot() {
        Optional<Volume> boot = volumes.stream()
                .filter(volume -> volume.filesystem().filter(Filesystem::isFat).isPresent() && !isTaken(volume)).findFirst();
        if (boot.isEmpty() || bootDeclined) {
            return MountPlan.Rule.NONE;
        }
        if (bootTarget.isPresent()) {
            return mountBoot(boot.get(), bootTarget.get(), MountPlan.Rule.FSTAB_TARGET);
        }
        if (!facts.bootExists() && !facts.bootFirmwareExists()) {
            note(boot.get().partition().title() + " looks like the boot partition, but the image has neither /boot/firmware nor /boot");
            return MountPlan.Rule.NONE;
        }
        String custom = BEFORE_BOOKWORM.contains(facts.versionCodename()) ? BOOT : BOOT_FIRMWARE;
        boolean customExists = custom.equals(BOOT) ? facts.bootExists() : facts.bootFirmwareExists();
        if (!facts.versionCodename().isEmpty() && customExists) {
            return mountBoot(boot.get(), custom, MountPlan.Rule.OS_RELEASE);
        }
        return mountBoot(boot.get(), facts.bootFirmwareExists() ? BOOT_FIRMWARE : BOOT, MountPlan.Rule.DIRECTORY);
    }

    private MountPlan.Rule mountBoot(Volume boot, String target, MountPlan.Rule rule) {
        mounts.add(new MountPlan.Mount(boot.partition(), boot.filesystem().orElseThrow(), target, false));
        return rule;
    }

    private static String describe(Fstab.Entry entry) {
        return "the fstab's " + Printable.quoted(entry.specification()) + " on " + Printable.quoted(entry.file());
    }

    private void note(String note) {
        if (notes.size() < NOTE_LIMIT) {
            notes.add(note);
        }
    }
}
