package org.example.piimages.daemon.image;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.mount.MountPointName;
import org.example.piimages.daemon.image.system.Autoboot;
import org.example.piimages.daemon.image.system.DirectoryState;
import org.example.piimages.daemon.image.system.Disk;
import org.example.piimages.daemon.image.system.Fstab;
import org.example.piimages.daemon.image.system.KernelCommandLine;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.image.system.OsRelease;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.image.system.PartitionsFuzz;
import org.example.piimages.daemon.image.system.RootFacts;
import org.example.piimages.daemon.image.system.RootLocation;
import org.example.piimages.daemon.image.system.SlotMap;
import org.example.piimages.daemon.image.system.SystemChoice;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;

/** Fuzzes the text files of an image that the daemon reads: fstab, os-release, names. */
public final class ConfigurationFuzz {

    private ConfigurationFuzz() {
    }

    /** Parses bytes as each of them, and plans the mounts of an image with such an fstab. */
    public static void fuzzerTestOneInput(byte[] data) {
        Fstab fstab = Fstab.parse(data);
        if (fstab.entries().size() > Fstab.ENTRY_LIMIT) {
            throw new IllegalStateException(fstab.entries().size() + " entries");
        }
        OsRelease release = OsRelease.parse(data);
        int number = Autoboot.parse(data).bootPartition().orElse(1);
        if (number < 1 || number > 999) {
            throw new IllegalStateException("a boot partition " + number);
        }
        KernelCommandLine.parse(data);
        SlotMap.parse(data);
        plan(fstab, release);
        String name = MountPointName.of("/" + new String(data, StandardCharsets.UTF_8));
        if (name.isEmpty() || name.contains("/") || name.startsWith(".") || name.length() > 255) {
            throw new IllegalStateException("no name for a directory: " + Printable.quoted(name));
        }
    }

    private static void plan(Fstab fstab, OsRelease release) {
        Filesystem ext = new Filesystem("ext4", "3cb4f3ae-7b2a-4d5e-8f1a-0123456789ab", "rootfs", false, 1 << 20, Optional.empty());
        Volume boot = new Volume(new Partition(1, 512, 1 << 20, "0xc", "1234abcd-01", "", false, 446), Optional.of(ext));
        Volume root = new Volume(new Partition(2, 2 << 20, 1 << 20, "0x83", "1234abcd-02", "", false, 462), Optional.of(ext));
        try {
            PartitionTable table = new PartitionTable(PartitionTable.Kind.MBR, "1234abcd", List.of(boot.partition(), root.partition()),
                    Optional.empty(), 0, 8 << 20, false);
            SystemChoice choice = new SystemChoice(new Disk(table, List.of(boot, root), List.of()), PartitionSelection.NONE);
            MountPlan plan =
                    MountPlan.of(choice, new RootFacts(new RootLocation(root, ""), fstab, release, true, true, DirectoryState.EMPTY,
                            DirectoryState.EMPTY));
            for (MountPlan.Mount mount : plan.mounts()) {
                requireInside(mount.target());
            }
        } catch (Failure failure) {
            PartitionsFuzz.requireOneLine(failure.getMessage());
        }
    }

    /** A path to be resolved within the image must not lead out of it. */
    private static void requireInside(String target) {
        if (!target.startsWith("/") || target.indexOf('\0') >= 0 || List.of(target.split("/")).contains("..")) {
            throw new IllegalStateException("a mount point " + Printable.quoted(target));
        }
    }
}
