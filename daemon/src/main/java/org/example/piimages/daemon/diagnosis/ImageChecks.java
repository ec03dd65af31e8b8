package org.example.piimages.daemon.diagnosis;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.emulation.ArmVersion;
import org.example.piimages.daemon.emulation.InterpreterForecast;
import org.example.piimages.daemon.emulation.InterpreterPlan;
import org.example.piimages.daemon.image.care.filesystem.E2fsprogs;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.system.Disk;
import org.example.piimages.daemon.image.system.ImageDescription;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.machine.guest.GuestInit;

/** Collects findings about one image on this host. Each instance is used once. */
final class ImageChecks {

    private final KernelFilesystems kernel;
    private final Optional<E2fsprogs> tools;
    private final List<Finding> findings = new ArrayList<>();

    /** Returns the given filesystem types that the kernel supports. */
    @FunctionalInterface
    interface KernelFilesystems {
        Set<String> among(Collection<String> types) throws IOException;
    }

    /**
     * Creates the checks.
     *
     * @param tools the installed e2fsprogs; empty if there are none
     */
    ImageChecks(KernelFilesystems kernel, Optional<E2fsprogs> tools) {
        this.kernel = kernel;
        this.tools = tools;
    }

    /** The findings so far. */
    List<Finding> findings() {
        return List.copyOf(findings);
    }

    /** Checks the partitions and filesystems without mounting them. Returns false if the files cannot be checked. */
    boolean checkPartitions(ByteSource image) throws IOException {
        try {
            Disk disk = Disk.read(image);
            add(table(disk.table()));
            for (Volume volume : disk.volumes()) {
                add(partition(volume));
            }
            List<String> types = disk.volumes().stream().flatMap(volume -> volume.filesystem().stream()).filter(Filesystem::isMountable)
                    .map(Filesystem::type).toList();
            boolean mounted = types.isEmpty();
            for (String type : types) {
                mounted |= isMounted(type);
            }
            return mounted;
        } catch (Failure failure) {
            add(Finding.problem("partitions", failure.getMessage(), ""));
            return false;
        }
    }

    private static Finding table(PartitionTable table) {
        if (table.fromBackup()) {
            return Finding.warning("partitions", "the primary partition table is damaged; the backup at the end of the image was read",
                    "repair it on a copy of the image, with sgdisk --verify and --load-backup, or gdisk");
        }
        int number = table.partitions().size();
        return Finding.ok("partitions", table.kind() == PartitionTable.Kind.NONE ? "the image is one filesystem, without a partition table"
                : table.kind() + " with " + number + (number == 1 ? " partition" : " partitions"));
    }

    private Finding partition(Volume volume) throws IOException {
        String check = "partition-" + volume.partition().number();
        Optional<Filesystem> found = volume.filesystem();
        if (found.isEmpty()) {
            return Finding.ok(check, "contains no known filesystem; it is not used");
        }
        Filesystem filesystem = found.get();
        if (filesystem.isEncrypted()) {
            return Finding.ok(check, "contains " + filesystem.title() + ", which a passphrase opens");
        }
        if (filesystem.isContainer()) {
            return Finding.warning(check, "contains " + filesystem.title() + ", which cannot be mounted directly", filesystem.hint());
        }
        if (!filesystem.fits(volume.partition())) {
            return Finding.problem(check, "the " + filesystem.type() + " filesystem is larger than its partition: the image is truncated,"
                    + " or was not shrunk correctly", "copy or download it again");
        }
        if (filesystem.isMountable() && !isMounted(filesystem.type())) {
            return Finding.problem(check, "contains " + filesystem.type() + ", which this host's kernel does not support",
                    "use a kernel that"
                            + " supports it" + (filesystem.isFat() ? ", or use --no-boot to omit the boot partition" : ""));
        }
        if (filesystem.needsRecovery()) {
            return Finding.warning(check,
                    "contains " + filesystem.type() + " that is in use or was not unmounted; a read-only mount lacks the changes"
                            + " in its journal",
                    "mount it once for writing");
        }
        String unknown = tools.isEmpty() ? "" : filesystem.extFeatures().map(tools.get()::missing).orElse("");
        if (!unknown.isEmpty()) {
            return Finding.warning(check, "contains " + filesystem.type() + " with features that " + tools.get()
                    + " of this host does not support: " + unknown + "; it can be mounted and run, but not grown, shrunk or repaired",
                    "install a newer e2fsprogs");
        }
        return Finding.ok(check, "contains " + filesystem.type());
    }

    private boolean isMounted(String type) throws IOException {
        // The ext4 driver also mounts ext2 and ext3, and is listed under this name.
        String driver = type.startsWith("ext") ? "ext4" : type;
        return kernel.among(Set.of(driver)).contains(driver);
    }

    /** Checks the files. Always returns null; the type is that of the callback. */
    Void checkFiles(DirectoryTree root, Optional<ImageDescription> description) throws IOException {
        description.ifPresent(this::describe);
        Optional<InterpreterForecast> forecast = InterpreterForecast.ofImage(root);
        if (forecast.isEmpty() && description.flatMap(ImageDescription::choice).filter(choice -> choice.facts().isEmpty()).isPresent()) {
            add(Finding.warning("cpu", "the image contains no system to run; it can be mounted, written and maintained", ""));
            return null;
        }
        if (forecast.isEmpty()) {
            add(Finding.problem("cpu", "cannot determine the CPU of the image: it has no /bin/sh of a known type, so nothing can be"
                    + " run in it", ""));
            return null;
        }
        add(EmulationChecks.of(forecast.get()));
        ArmVersion.ofImage(root).filter(ArmVersion::beforeV7).ifPresent(version -> add(EmulationChecks.of(version, forecast.get().plan())));
        if (!(forecast.get().plan() instanceof InterpreterPlan.Missing)) {
            add(boots(root, forecast.get().version()));
        }
        return null;
    }

    private void describe(ImageDescription description) {
        description.choice().ifPresent(root -> add(Finding.ok("root", root.place().title() + ": " + root.reason())));
        description.bootProblems().forEach(problem -> add(Finding.problem("root", problem, description.bootAdvice())));
        description.notes().forEach(note -> add(Finding.warning("fstab", note, "")));
    }

    private static Finding boots(DirectoryTree root, OptionalInt emulator) throws IOException {
        try {
            GuestInit guest = GuestInit.of(root);
            guest.requireBoots(emulator);
            OptionalInt version = guest.systemd();
            return Finding.ok("boot", version.isPresent() ? "its init is systemd " + version.getAsInt()
                    : "it has an init that is not systemd");
        } catch (Failure failure) {
            boolean noInit = failure.kind() == Failure.Kind.COMMAND_NOT_FOUND;
            return Finding.warning("boot", failure.getMessage(), noInit ? "" : "use piimagesctl run or shell, or a newer qemu");
        }
    }

    /** Adds the reason why the files could not be checked. */
    void addInaccessible(Failure failure) {
        boolean busy = failure.kind() == Failure.Kind.BUSY;
        add(busy ? Finding.warning("files", "not checked: " + failure.getMessage(), "")
                : Finding.problem("files", failure.getMessage(), ""));
    }

    private void add(Finding finding) {
        findings.add(finding);
    }
}
