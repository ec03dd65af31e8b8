package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.table.Volume;

/**
 * Chooses the root among an image's filesystems. docs/images.md describes the order; in short, it is the one that the caller selects, or
 * that the cmdline.txt of the boot partition names, or whose own fstab names it for /, or that looks like a system. Neither size nor order
 * decides. If two are equally likely, the caller has to choose.
 */
public final class SystemChoice {

    /** The most filesystems that are examined; images have two or three, and at most a dozen. */
    public static final int CANDIDATE_LIMIT = 24;

    /** The types of root partitions in the Discoverable Partitions Specification, for 32-bit and 64-bit ARM. */
    private static final Set<String> ROOT_TYPES = Set.of("69dad710-2ce4-4e3c-b16c-21a1d49abed3", "b921b045-1df0-41c3-af44-4c6f280d3fae");

    /** A partition that could not be examined, and why. */
    public record Unreadable(Volume volume, Failure reason) {
    }

    private final Disk disk;
    private final PartitionSelection selection;
    private final Optional<BootFiles> boot;
    private final SlotLinks slots;
    private final List<Volume> named;

    /**
     * Prepares the choice.
     *
     * @throws Failure INVALID_ARGUMENT if the selection names a partition that does not exist
     */
    public SystemChoice(Disk disk, PartitionSelection selection) {
        this.disk = disk;
        this.selection = selection;
        selection.root().ifPresent(number -> require(disk, number, "root"));
        selection.boot().ifPresent(number -> require(disk, number, "boot"));
        this.boot = selection.boot().isPresent() ? disk.boot(selection.boot().getAsInt()) : disk.firmwareBoot();
        this.slots = SlotLinks.of(boot);
        this.named = boot.map(files -> new DeviceSpecification(files.commandLine().root(), slots).findAll(disk.volumes()))
                .orElse(List.of());
    }

    private static void require(Disk disk, int number, String option) {
        if (disk.volume(number).isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    "the image has no partition " + number + ", which " + option + " names; it has "
                            + disk.volumes().stream().map(SystemChoice::content).collect(Collectors.joining(", ")));
        }
    }

    /** The image before its filesystems were examined. */
    public Disk disk() {
        return disk;
    }

    /** The partitions that the caller selected. */
    public PartitionSelection selection() {
        return selection;
    }

    /** The boot partition that the caller selected, or else the one that the firmware boots from. */
    public Optional<BootFiles> boot() {
        return boot;
    }

    SlotLinks slots() {
        return slots;
    }

    /** The mount option that names the root's btrfs subvolume on the kernel command line; the empty string if there is none. */
    public String rootSubvolume() {
        return boot.map(files -> Fstab.subvolume(files.commandLine().rootFlags())).orElse("");
    }

    /**
     * Returns the volumes that may contain the root, first those that the kernel command line names.
     *
     * @throws Failure if the selected root cannot be mounted
     */
    public List<Volume> candidates() {
        if (selection.root().isPresent()) {
            Volume chosen = disk.volume(selection.root().getAsInt()).orElseThrow();
            if (chosen.filesystem().filter(Filesystem::isMountable).isEmpty()) {
                throw unusable(List.of(chosen));
            }
            return List.of(chosen);
        }
        return disk.volumes().stream().filter(volume -> volume.filesystem().filter(Filesystem::canBeRoot).isPresent())
                .sorted(Comparator.comparing((Volume volume) -> !named.contains(volume))).limit(CANDIDATE_LIMIT).toList();
    }

    /** Whether a candidate can be mounted as the root before it is examined: it is the only one, or the kernel command line names it. */
    public boolean isObvious(Volume candidate) {
        return candidates().equals(List.of(candidate)) || named.size() == 1 && named.contains(candidate);
    }

    /** Whether the facts about a candidate are sufficient, so that no other candidate has to be examined. */
    public boolean isConclusive(RootFacts facts) {
        return selection.root().isPresent() || named.size() == 1 && named.contains(facts.place().volume()) && facts.system();
    }

    /**
     * Chooses the root.
     *
     * @param inspectedRoots the facts about the candidates that were examined
     * @param unreadable the candidates that could not be examined
     * @throws Failure INVALID_ARGUMENT if several are equally likely; INVALID_IMAGE, UNSUPPORTED or LOCKED if no root can be used
     */
    public ChosenRoot choose(List<RootFacts> inspectedRoots, List<Unreadable> unreadable) {
        if (selection.root().isPresent()) {
            unreadable.stream().findFirst().ifPresent(only -> {
                throw only.reason();
            });
            return inspectedRoots.stream().max(Comparator.comparingInt(this::evidence))
                    .map(facts -> ChosenRoot.of(facts, "the caller chose it"))
                    .orElseThrow();
        }
        unreadable.stream().filter(volume -> named.contains(volume.volume())).findFirst().ifPresent(root -> {
            throw root.reason();
        });
        named.stream().filter(volume -> volume.filesystem().filter(Filesystem::isMountable).isEmpty()).findFirst().ifPresent(root -> {
            throw unusable(root, inspectedRoots);
        });
        int best = inspectedRoots.stream().mapToInt(this::evidence).max().orElse(0);
        if (best == 0) {
            return withoutSystem(inspectedRoots, unreadable);
        }
        requireCertain(best, inspectedRoots, unreadable);
        List<RootFacts> strongest = inspectedRoots.stream().filter(facts -> evidence(facts) == best).toList();
        List<RootFacts> typed = strongest.stream().filter(facts -> ROOT_TYPES.contains(facts.place().volume().partition().type())).toList();
        List<RootFacts> eligible = strongest.size() > 1 && typed.size() == 1 ? typed : strongest;
        if (eligible.size() > 1) {
            throw ambiguous(eligible);
        }
        return ChosenRoot.of(eligible.get(0), reason(eligible.get(0), inspectedRoots.size()));
    }

    /** Returns the strength of the evidence that these are the root's files; 0 if they contain no system. */
    int evidence(RootFacts facts) {
        boolean itself = facts.namesItselfAsRoot(disk, slots);
        if (!facts.system() && !itself) {
            return 0;
        }
        if (named.contains(facts.place().volume()) && (rootSubvolume().isEmpty() || facts.place().isNamedBy(rootSubvolume()))) {
            return 3 + (itself ? 1 : 0);
        }
        return itself ? 2 : 1;
    }

    /** Returns why those files are, or may be, the root; human-readable. */
    String reason(RootFacts facts, int candidates) {
        return switch (evidence(facts)) {
            case 3, 4 -> "cmdline.txt of " + boot.orElseThrow().volume().partition().title() + " specifies root="
                    + Printable.path(boot.orElseThrow().commandLine().root());
            case 2 -> "its own fstab names it for /";
            case 1 -> candidates == 1 ? "the only Linux partition, with a system" : "the only partition with a system";
            default -> "it contains no system";
        };
    }

    /**
     * Refuses a choice if a partition that is locked or could not be examined may be the root: looking like a system is not enough then.
     */
    private void requireCertain(int evidence, List<RootFacts> inspectedRoots, List<Unreadable> unreadable) {
        String root = boot.map(files -> files.commandLine().root()).orElse("");
        if (evidence < 3 && !locked().isEmpty() && root.startsWith("/dev/mapper/")) {
            throw unusable(locked());
        }
        if (evidence < 2 && !unreadable.isEmpty()) {
            Failure reason = unreadable.get(0).reason();
            throw new Failure(reason.kind(), reason.getMessage() + "; if that is not the root, select another, for example with --root="
                    + inspectedRoots.stream().filter(facts -> evidence(facts) == evidence).findFirst().orElseThrow().place().volume()
                            .partition()
                            .number(),
                    reason);
        }
    }

    private List<Volume> locked() {
        return disk.volumes().stream().filter(volume -> volume.filesystem().filter(Filesystem::isContainer).isPresent()).toList();
    }

    /**
     * Chooses what to show of an image without a system: boot files first, as they are the most likely reason to open it, then the only
     * filesystem with files.
     */
    private ChosenRoot withoutSystem(List<RootFacts> inspectedRoots, List<Unreadable> unreadable) {
        if (!locked().isEmpty()) {
            throw unusable(locked());
        }
        if (!unreadable.isEmpty()) {
            throw unreadable.get(0).reason();
        }
        Optional<BootFiles> bootable = disk.boots().stream().filter(BootFiles::firmware).findFirst();
        List<RootFacts> filled = inspectedRoots.stream().filter(RootFacts::files).toList();
        if (bootable.isEmpty() && filled.size() == 1) {
            return ChosenRoot.of(filled.get(0), "no partition contains a system; this is the only one with files");
        }
        Optional<BootFiles> fat = bootable.or(() -> filled.isEmpty() ? disk.boots().stream().findFirst() : Optional.empty());
        if (fat.isPresent()) {
            return ChosenRoot.of(fat.get(), "no partition contains a system; the firmware reads this one" + otherFiles(filled));
        }
        if (inspectedRoots.size() == 1) {
            return ChosenRoot.of(inspectedRoots.get(0), "no partition contains a system; this is the only one");
        }
        if (inspectedRoots.isEmpty()) {
            throw unusable(disk.volumes());
        }
        throw ambiguous(inspectedRoots);
    }

    /** Says how to use other files, such as those of NixOS before its first boot, or of OSTree. */
    private static String otherFiles(List<RootFacts> filled) {
        return filled.stream().findFirst().map(facts -> facts.place().volume().partition())
                .map(other -> "; to use the files of " + other.title() + ", specify --root=" + other.number()).orElse("");
    }

    private Failure ambiguous(List<RootFacts> strongest) {
        String list = strongest.stream().map(facts -> facts.place().title() + name(facts)).collect(Collectors.joining(", "));
        OptionalInt first = OptionalInt.of(strongest.get(0).place().volume().partition().number());
        return new Failure(Failure.Kind.INVALID_ARGUMENT, "several partitions are equally likely to be the root: " + list
                + "; select one, for example with --root=" + first.getAsInt());
    }

    private static String name(RootFacts facts) {
        return facts.release().name().isEmpty() ? "" : " (" + Printable.quoted(facts.release().name()) + ")";
    }

    /** The failure for a root that the kernel command line names, but that is no filesystem; mentions another system if there is one. */
    private Failure unusable(Volume root, List<RootFacts> inspectedRoots) {
        Optional<RootFacts> other = inspectedRoots.stream().filter(RootFacts::system).findFirst();
        if (other.isEmpty() || root.filesystem().filter(Filesystem::isContainer).isPresent()) {
            return unusable(List.of(root));
        }
        return new Failure(Failure.Kind.INVALID_IMAGE, "cmdline.txt of " + boot.orElseThrow().volume().partition().title()
                + " specifies as the root " + root.partition().title() + ", but " + content(root)
                + "; to use another partition as the root,"
                + " specify, for example, --root=" + other.get().place().volume().partition().number());
    }

    private static Failure unusable(List<Volume> volumes) {
        List<String> hints = new ArrayList<>();
        volumes.stream().flatMap(volume -> volume.filesystem().stream()).map(Filesystem::hint).filter(help -> !help.isEmpty()).distinct()
                .forEach(hints::add);
        boolean encrypted = volumes.stream().flatMap(volume -> volume.filesystem().stream()).anyMatch(Filesystem::isEncrypted);
        Failure.Kind otherwise = hints.isEmpty() ? Failure.Kind.INVALID_IMAGE : Failure.Kind.UNSUPPORTED;
        return new Failure(encrypted ? Failure.Kind.LOCKED : otherwise, "the image has no filesystem that can"
                + " be mounted as its root: " + volumes.stream().map(SystemChoice::content).collect(Collectors.joining(", "))
                + (hints.isEmpty() ? "; ext4, btrfs, f2fs, xfs, erofs or squashfs is required" : "; " + String.join("; ", hints)));
    }

    static String content(Volume volume) {
        return volume.partition().title() + " contains " + volume.filesystem().map(Filesystem::title).orElse("no known filesystem")
                + (volume.unlocked() ? ", encrypted" : "");
    }
}
