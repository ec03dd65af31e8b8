package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.Volume;

/**
 * What an image is and what will be done with it, for people and programs.
 *
 * @param system the image before it was looked into
 * @param choice its root; empty when none could be chosen
 * @param looked what was found in the filesystems that may be roots
 * @param plan what is mounted besides the root
 * @param notes what is passed over, and why; a line for people each
 * @param obstacle why no root could be chosen; empty when one was
 */
public record ImageDescription(SystemChoice system, Optional<Choice> choice, List<RootFacts> looked, MountPlan plan, List<String> notes,
        String obstacle) {

    /**
     * One partition.
     *
     * @param volume where it is and what it holds
     * @param use what it is used for, or why it cannot be; for people, safe to print
     */
    public record Part(Volume volume, String use) {
    }

    /**
     * A system in the image.
     *
     * @param place its root
     * @param name what its os-release calls it; the image's own words, empty where it does not say
     * @param chosen whether it is the one that is used
     * @param reason what speaks for it; for people
     */
    public record Found(RootPlace place, String name, boolean chosen, String reason) {
    }

    /** Keeps its own copies of the lists. */
    public ImageDescription {
        looked = List.copyOf(looked);
        notes = List.copyOf(notes);
    }

    /** Of an image of which nothing could be mounted. */
    public static ImageDescription withoutRoot(SystemChoice system, List<RootFacts> looked, String obstacle) {
        return new ImageDescription(system, Optional.empty(), looked, MountPlan.NONE, List.of(), obstacle);
    }

    /** The table's kind as blkid names it. */
    public String table() {
        return switch (system.disk().table().kind()) {
            case MBR -> "dos";
            case GPT -> "gpt";
            case NONE -> "";
        };
    }

    /** The image's table. */
    public PartitionTable partitions() {
        return system.disk().table();
    }

    /** Every partition and what it is for. */
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
        volume.filesystem().filter(Filesystem::isContainer).ifPresent(locked -> uses.add(locked.help()));
        return uses.isEmpty() ? "not used" : String.join("; ", uses);
    }

    /** The systems in it, the chosen one first. */
    public List<Found> systems() {
        return looked.stream().filter(facts -> system.evidence(facts) > 0)
                .map(facts -> new Found(facts.place(), facts.release().name(), isChosen(facts.place()),
                        system.reason(facts, system.candidates().size())))
                .sorted((one, other) -> Boolean.compare(other.chosen(), one.chosen())).toList();
    }

    private boolean isChosen(RootPlace place) {
        return choice.filter(root -> root.place().equals(place)).isPresent();
    }

    /** What will keep the image from booting on a Raspberry Pi although it can be mounted here; for people. */
    public List<String> bootProblems() {
        List<String> problems = new ArrayList<>();
        String told = system.boot().map(boot -> boot.commandLine().root()).orElse("");
        if (isElsewhere(told)) {
            problems.add("cmdline.txt of " + system.boot().orElseThrow().volume().partition().title() + " specifies root="
                    + Printable.path(told) + ", which is not a partition of the image: this image will not boot");
        }
        toldAnother(told).ifPresent(another -> problems.add("cmdline.txt of " + system.boot().orElseThrow().volume().partition().title()
                + " specifies root=" + Printable.path(told) + ", which is " + another.partition().title()
                + ", which contains no system: this image will not boot"));
        choice.flatMap(Choice::facts).stream().flatMap(facts -> facts.fstab().entries().stream()).filter(Fstab.Entry::isRoot)
                .map(Fstab.Entry::specification).filter(this::isElsewhere).forEach(specification -> problems.add("the fstab has "
                        + Printable.quoted(specification) + " for /, which is not a partition of the image: this image will not boot"));
        return problems;
    }

    /** The partition that the kernel is told to take, where a system was found in another one alone. */
    private Optional<Volume> toldAnother(String specification) {
        List<Volume> named = new DeviceSpecification(specification, system.slots()).findAll(system.disk().volumes());
        boolean found = systems().stream().anyMatch(any -> named.contains(any.place().volume()));
        return system.selection().namesPartition() || choice.flatMap(Choice::facts).isEmpty() || systems().isEmpty() || found
                ? Optional.empty()
                : named.stream().findFirst();
    }

    /** Whether it is a partition's name that no partition of the image has. */
    private boolean isElsewhere(String specification) {
        DeviceSpecification device = new DeviceSpecification(specification, system.slots());
        return device.namesPartition() && device.find(system.disk().volumes()).isEmpty();
    }

}
