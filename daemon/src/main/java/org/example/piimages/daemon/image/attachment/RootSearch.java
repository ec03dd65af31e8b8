package org.example.piimages.daemon.image.attachment;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.system.ChosenRoot;
import org.example.piimages.daemon.image.system.RootFacts;
import org.example.piimages.daemon.image.system.RootLocation;
import org.example.piimages.daemon.image.system.SystemChoice;
import org.example.piimages.daemon.image.table.Volume;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.Mount;

/**
 * Mounts an image's filesystems one after another, not attached to any path, until it is clear which one is the root. All but an obvious
 * candidate are mounted read-only: a filesystem that turns out to be something else must not be written to. Closing the search unmounts the
 * root unless it was taken.
 */
final class RootSearch implements Closeable {

    /** The subvolumes that distributions use for the root: Fedora; Ubuntu, Armbian and openSUSE; Debian's installer. */
    private static final List<String> SUBVOLUMES = List.of("root", "@", "@rootfs");
    private static final int SUBVOLUME_LIMIT = 32;

    private final ImageFile file;
    private final Partitions partitions;
    private final UnlockedPartitions unlocked;
    private final Set<Mount.Attribute> attributes;
    private final SystemChoice choice;
    private final List<RootFacts> inspected = new ArrayList<>();
    private final List<SystemChoice.Unreadable> unreadable = new ArrayList<>();
    /** The mount of the obvious candidate, reused if it is the root. */
    private Optional<Kept> kept = Optional.empty();

    private record Kept(Volume volume, Mount mount) {
    }

    RootSearch(ImageFile file, Partitions partitions, UnlockedPartitions unlocked, Set<Mount.Attribute> attributes, SystemChoice choice) {
        this.file = file;
        this.partitions = partitions;
        this.unlocked = unlocked;
        this.attributes = attributes;
        this.choice = choice;
    }

    /**
     * Examines candidates until the root is certain.
     *
     * @param thoroughly whether to examine all candidates even if one settles it
     * @throws Failure as {@link SystemChoice#choose}
     */
    ChosenRoot search(boolean thoroughly) throws IOException {
        for (Volume candidate : choice.candidates()) {
            int before = inspected.size();
            try {
                inspect(candidate);
            } catch (Failure failure) {
                if (failure.kind() != Failure.Kind.UNSUPPORTED && failure.kind() != Failure.Kind.INVALID_IMAGE) {
                    throw failure;
                }
                unreadable.add(new SystemChoice.Unreadable(candidate, failure));
            }
            if (!thoroughly && inspected.subList(before, inspected.size()).stream().anyMatch(choice::isConclusive)) {
                break;
            }
        }
        return choice.choose(inspected, unreadable);
    }

    /** The facts about the filesystems examined so far; grows during the search. */
    List<RootFacts> inspected() {
        return Collections.unmodifiableList(inspected);
    }

    private void inspect(Volume volume) throws IOException {
        if (choice.isObvious(volume)) {
            Mount mount = mount(partitions, new RootLocation(volume, ""));
            kept = Optional.of(new Kept(volume, mount));
            inspect(volume, mount.tree());
        } else {
            try (Partitions looking = new Partitions(file, true, unlocked); Mount mount = mount(looking, new RootLocation(volume, ""))) {
                inspect(volume, mount.tree());
            }
        }
    }

    private void inspect(Volume volume, DirectoryTree tree) throws IOException {
        RootFacts facts = RootInspection.inspect(tree, new RootLocation(volume, ""));
        boolean told = !choice.rootSubvolume().isEmpty();
        if (!volume.filesystem().map(Filesystem::type).orElse("").equals("btrfs") || facts.system() && !told) {
            inspected.add(facts);
            return;
        }
        int before = inspected.size();
        for (String name : subvolumes(tree)) {
            if (tree.status("/" + name + "/etc").isPresent() || tree.status("/" + name + "/usr").isPresent()) {
                inspected.add(RootInspection.inspect(tree, name, new RootLocation(volume, "subvol=" + name)));
            }
        }
        if (inspected.size() == before) {
            inspected.add(facts);
        }
    }

    /**
     * Returns the subvolume named on the kernel command line, or else the names that distributions use and all directories on the top
     * level.
     */
    private Set<String> subvolumes(DirectoryTree tree) throws IOException {
        String told = choice.rootSubvolume();
        if (told.startsWith("subvol=")) {
            return Set.of(told.substring("subvol=".length()));
        }
        Set<String> names = new LinkedHashSet<>(SUBVOLUMES);
        tree.entries("/.").stream().filter(RootLocation::isPlainSubvolume).sorted().limit(SUBVOLUME_LIMIT).forEach(names::add);
        return names;
    }

    private Mount mount(Partitions partitions, RootLocation place) throws IOException {
        Volume volume = place.volume();
        volume.filesystem().orElseThrow().requireFits(volume.partition());
        return partitions.attach(volume, place.subvolume(), "/").mount(attributes);
    }

    /** Returns the mount of the root, which the caller has to close. */
    Mount takeMount(RootLocation place) throws IOException {
        Optional<Kept> root = kept.filter(mounted -> mounted.volume().equals(place.volume()) && place.subvolume().isEmpty());
        if (root.isPresent()) {
            kept = Optional.empty();
            return root.get().mount();
        }
        close();
        return mount(partitions, place);
    }

    @Override
    public void close() {
        kept.ifPresent(mounted -> mounted.mount().close());
        kept = Optional.empty();
    }
}
