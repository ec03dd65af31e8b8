package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;

/**
 * A description of an image and how it is mounted, for people and programs.
 *
 * @param system the image before its filesystems were examined
 * @param choice its root; empty if none could be chosen
 * @param inspected the facts about the filesystems that may be the root
 * @param plan the mounts besides the root
 * @param notes what is skipped, and why: one human-readable line each
 * @param obstacle why no root could be chosen; the empty string if one was
 */
public record ImageDescription(SystemChoice system, Optional<ChosenRoot> choice, List<RootFacts> inspected, MountPlan plan,
        List<String> notes,
        String obstacle) {

    /**
     * A partition.
     *
     * @param volume the partition and its filesystem
     * @param use its use, or why it cannot be used; human-readable and safe to print
     */
    public record Part(Volume volume, String use) {
    }

    /**
     * A system in the image.
     *
     * @param place its root
     * @param name the name in its os-release, untrusted; the empty string if it has none
     * @param chosen whether it is the one that is used
     * @param reason the evidence for it, human-readable
     */
    public record Found(RootLocation place, String name, boolean chosen, String reason) {
    }

    /** Keeps its own copies of the lists. */
    public ImageDescription {
        inspected = List.copyOf(inspected);
        notes = List.copyOf(notes);
    }

    /** Returns the description of an image for which no root could be chosen. */
    public static ImageDescription withoutRoot(SystemChoice system, List<RootFacts> inspectedRoots, String obstacle) {
        return new ImageDescription(system, Optional.empty(), inspectedRoots, MountPlan.NONE, List.of(), obstacle);
    }

    /** The kind of the partition table as named by blkid; the empty string if there is no table. */
    public String table() {
        return switch (system.disk().table().kind()) {
            case MBR -> "dos";
            case GPT -> "gpt";
            case NONE -> "";
        };
    }

    /** The partition table. */
    public PartitionTable partitions() {
        return system.disk().table();
    }

    /** Returns all partitions and their uses. */
    public List<Part> parts() {
        return system.disk().volumes().stream().map(volume -> new Part(volume, use(volume))).toList();
    }

    private String use(Volume volume) {
        List<String> uses = new ArrayList<>();
        choice.filter(root -> root.place().volume().equals(volume)).ifPresent(root -> uses.add("mounted on /"));
        List<String> targets = plan.mounts().stream()
                .filter(mount -> mount instanceof MountPlan.VolumeMount mounted && mounted.volume().equals(volume))
                .map(MountPlan.Mount::target).map(Printable::path).toList();
        if (!targets.isEmpty()) {
            uses.add("mounted on " + String.join(", ", targets));
        }
        system.boot().filter(boot -> boot.volume().equals(volume)).ifPresent(boot -> uses.add("the firmware boots from it"));
        volume.filesystem().filter(Filesystem::isContainer).ifPresent(locked -> uses.add(locked.hint()));
        return uses.isEmpty() ? "not used" : String.join("; ", uses);
    }

    /** Returns the systems in the image, the chosen one first. */
    public List<Found> systems() {
        return inspected.stream().filter(facts -> system.evidence(facts) > 0)
                .map(facts -> new Found(facts.place(), facts.release().name(), isChosen(facts.place()),
                        system.reason(facts, system.candidates().size())))
                .sorted((one, other) -> Boolean.compare(other.chosen(), one.chosen())).toList();
    }

    private boolean isChosen(RootLocation place) {
        return choice.filter(root -> root.place().equals(place)).isPresent();
    }

    /** Returns the reasons, human-readable, why the image will not boot on a Raspberry Pi although it can be mounted here. */
    public List<String> bootProblems() {
        List<String> problems = new ArrayList<>();
        String specified = system.boot().map(boot -> boot.commandLine().root()).orElse("");
        if (isOnAnotherDisk(specified)) {
            problems.add("cmdline.txt of " + system.boot().orElseThrow().volume().partition().title() + " specifies root="
                    + Printable.path(specified) + ", which is not a partition of the image: this image will not boot");
        }
        otherRoot(specified).ifPresent(another -> problems.add("cmdline.txt of " + system.boot().orElseThrow().volume().partition().title()
                + " specifies root=" + Printable.path(specified) + ", which is " + another.partition().title()
                + ", which contains no system: this image will not boot"));
        choice.flatMap(ChosenRoot::facts).stream().flatMap(facts -> facts.fstab().entries().stream()).filter(Fstab.Entry::isRoot)
                .map(Fstab.Entry::specification).filter(this::isOnAnotherDisk).forEach(specification -> problems.add("the fstab has "
                        + Printable.quoted(specification) + " for /, which is not a partition of the image: this image will not boot"));
        return problems.isEmpty() || hasTable() ? problems
                : List.of("the image has no partition table; it is a copy of one partition, not of a whole card: it will not boot");
    }

    /** Returns what to do about {@link #bootProblems}. */
    public String bootAdvice() {
        return hasTable() ? "set it to the PARTUUID of the image's root; see: piimagesctl status IMAGE"
                : "copy the whole card, for example with piimagesctl read";
    }

    private boolean hasTable() {
        return partitions().kind() != PartitionTable.Kind.NONE;
    }

    /** Returns the partition that the kernel command line names as the root, if systems were found only in other partitions. */
    private Optional<Volume> otherRoot(String specification) {
        List<Volume> named = new DeviceSpecification(specification, system.slots()).findAll(system.disk().volumes());
        boolean found = systems().stream().anyMatch(any -> named.contains(any.place().volume()));
        return system.selection().namesPartition() || choice.flatMap(ChosenRoot::facts).isEmpty() || systems().isEmpty() || found
                ? Optional.empty()
                : named.stream().findFirst();
    }

    /** Whether it names a partition that is not in the image. */
    private boolean isOnAnotherDisk(String specification) {
        DeviceSpecification device = new DeviceSpecification(specification, system.slots());
        return device.namesPartition() && device.find(system.disk().volumes()).isEmpty();
    }

}
