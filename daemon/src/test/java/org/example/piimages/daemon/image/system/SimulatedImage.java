package org.example.piimages.daemon.image.system;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;

/** A simulated image: partitions, boot files, and the facts about each possible root. */
final class SimulatedImage {

    private final List<Volume> volumes = new ArrayList<>();
    private final List<BootFiles> boots = new ArrayList<>();
    private final List<RootFacts> roots = new ArrayList<>();
    private final List<SystemChoice.Unreadable> unreadable = new ArrayList<>();

    /** Returns the facts about a volume with a system that has directories for a boot partition. */
    static RootFacts system(Volume volume, Fstab fstab) {
        return new RootFacts(new RootLocation(volume, ""), fstab, new OsRelease("bookworm", "Pi"), true, true, DirectoryState.EMPTY,
                DirectoryState.EMPTY);
    }

    static Fstab fstab(String text) {
        return Fstab.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a partition; its PARTUUID is 7069696d-0N. */
    Volume add(String type, String label, String partitionLabel, String partitionType) {
        int number = volumes.size() + 1;
        Partition partition = new Partition(number, number << 20, 1 << 20, partitionType, "7069696d-0" + number, partitionLabel, false, 0);
        Optional<Filesystem> filesystem = type.isEmpty() ? Optional.empty()
                : Optional.of(new Filesystem(type, "", label, false, 1 << 20, Optional.empty()));
        Volume volume = new Volume(partition, filesystem);
        volumes.add(volume);
        return volume;
    }

    /** Adds a partition that is not examined. */
    SimulatedImage other(String type, String label) {
        add(type, label, "", "0x83");
        return this;
    }

    /** Adds a FAT partition with these text files; null for a file that does not exist. */
    SimulatedImage boot(String partitionLabel, boolean firmware, String autoboot, String commandLine, String slots) {
        Volume volume = add("vfat", "", partitionLabel, "0xc");
        boots.add(new BootFiles(volume, firmware || autoboot != null || commandLine != null, !firmware,
                Optional.ofNullable(autoboot).map(text -> Autoboot.parse(bytes(text))),
                commandLine == null ? KernelCommandLine.EMPTY : KernelCommandLine.parse(bytes(commandLine)),
                slots == null ? SlotMap.EMPTY : SlotMap.parse(bytes(slots))));
        return this;
    }

    /** Adds a FAT partition of that label with firmware files and a cmdline.txt. */
    SimulatedImage labelledBoot(String label, String commandLine) {
        boots.add(new BootFiles(add("vfat", label, "", "0xc"), true, false, Optional.empty(), KernelCommandLine.parse(bytes(commandLine)),
                SlotMap.EMPTY));
        return this;
    }

    /** Adds a partition of that label with a system. */
    SimulatedImage labelledRoot(String label, String fstab) {
        roots.add(system(add("ext4", label, "", "0x83"), fstab(fstab)));
        return this;
    }

    /** Adds a partition with a system. */
    SimulatedImage root(String partitionLabel, String fstab) {
        roots.add(system(add("ext4", "", partitionLabel, "0x83"), fstab(fstab)));
        return this;
    }

    /** Adds an encrypted partition with a system that was opened with a passphrase. */
    SimulatedImage opened(String fstab) {
        Volume locked = add("ext4", "", "", "0x83");
        Volume volume = new Volume(locked.partition(), locked.filesystem(), true);
        volumes.set(volumes.size() - 1, volume);
        roots.add(system(volume, fstab(fstab)));
        return this;
    }

    /** Adds a partition with a btrfs that has systems in these subvolumes, each with its fstab. */
    SimulatedImage subvolumes(String... namesAndFstabs) {
        Volume volume = add("btrfs", "X", "", "0x83");
        for (int i = 0; i < namesAndFstabs.length; i += 2) {
            RootFacts facts = system(volume, fstab(namesAndFstabs[i + 1]));
            roots.add(new RootFacts(new RootLocation(volume, namesAndFstabs[i]), facts.fstab(), facts.release(), true, true, facts.boot(),
                    facts.bootFirmware()));
        }
        return this;
    }

    /** Adds a partition with files but without a system. */
    SimulatedImage data(String fstab, boolean files) {
        roots.add(new RootFacts(new RootLocation(add("ext4", "", "", "0x83"), ""), fstab(fstab), OsRelease.NONE, false, files,
                DirectoryState.MISSING, DirectoryState.MISSING));
        return this;
    }

    /** Adds a partition that cannot be examined because the kernel cannot mount it. */
    SimulatedImage unreadable(String type, String partitionLabel) {
        unreadable.add(new SystemChoice.Unreadable(add(type, "", partitionLabel, "0x83"),
                new Failure(Failure.Kind.UNSUPPORTED, "this kernel has no " + type + " filesystem")));
        return this;
    }

    Disk disk() {
        PartitionTable table = new PartitionTable(PartitionTable.Kind.GPT, "", volumes.stream().map(Volume::partition).toList(),
                Optional.empty(), 0, 1L << 40, false);
        return new Disk(table, volumes, boots);
    }

    ChosenRoot choose(PartitionSelection selection) {
        SystemChoice choice = new SystemChoice(disk(), selection);
        List<Volume> candidates = choice.candidates();
        return choice.choose(roots.stream().filter(facts -> candidates.contains(facts.place().volume())).toList(), unreadable);
    }

    ChosenRoot choose() {
        return choose(PartitionSelection.NONE);
    }

    /** Returns "TARGET=NUMBER" for each mount, or TARGET=SOURCE for a bind mount, in order; the root first. */
    String mounts(PartitionSelection selection) {
        ChosenRoot chosen = choose(selection);
        StringBuilder text = new StringBuilder("/=" + chosen.place().volume().partition().number());
        plan(selection).mounts().forEach(mount -> text.append(' ').append(mount.target()).append('=').append(source(mount)));
        return text.toString();
    }

    private static String source(MountPlan.Mount mount) {
        return mount instanceof MountPlan.VolumeMount volume
                ? volume.volume().partition().number() + (volume.subvolume().isEmpty() ? "" : ":" + volume.subvolume())
                : ((MountPlan.BindMount) mount).source();
    }

    String mounts() {
        return mounts(PartitionSelection.NONE);
    }

    MountPlan plan(PartitionSelection selection) {
        return choose(selection).facts().map(root -> MountPlan.of(new SystemChoice(disk(), selection), root)).orElse(MountPlan.NONE);
    }

    MountPlan plan() {
        return plan(PartitionSelection.NONE);
    }

    ImageDescription describe() {
        return new ImageDescription(new SystemChoice(disk(), PartitionSelection.NONE), Optional.of(choose()), roots, plan(), plan().notes(),
                "");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
