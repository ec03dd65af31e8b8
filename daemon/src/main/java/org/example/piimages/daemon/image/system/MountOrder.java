package org.example.piimages.daemon.image.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.example.piimages.daemon.image.disk.Printable;

/**
 * Sorts mounts by their dependencies, as systemd does: a mount comes after the one that contains its target, and a bind mount also after
 * the one that contains its source. If two depend on each other, one is skipped.
 */
final class MountOrder {

    private final List<MountPlan.Mount> remaining;
    private final Consumer<String> notes;

    MountOrder(List<MountPlan.Mount> mounts, Consumer<String> notes) {
        this.remaining = new ArrayList<>(mounts);
        this.notes = notes;
        remaining.sort(Comparator.comparingLong(mount -> MountTarget.depth(mount.target())));
    }

    List<MountPlan.Mount> sorted() {
        List<MountPlan.Mount> sorted = new ArrayList<>();
        while (!remaining.isEmpty()) {
            Optional<MountPlan.Mount> next = remaining.stream().filter(this::isReady).findFirst();
            next.ifPresent(sorted::add);
            MountPlan.Mount chosen = next.orElseGet(() -> remaining.get(0));
            if (next.isEmpty()) {
                notes.accept("the fstab's mount on " + Printable.quoted(chosen.target()) + " is skipped: it and another one depend on each"
                        + " other");
            }
            remaining.remove(chosen);
        }
        return sorted;
    }

    private boolean isReady(MountPlan.Mount mount) {
        return remaining.stream().noneMatch(other -> other != mount && (isBelow(mount.target(), other.target())
                || mount instanceof MountPlan.BindMount bind && (bind.source().equals(other.target())
                        || isBelow(bind.source(), other.target()))));
    }

    private static boolean isBelow(String path, String directory) {
        return path.startsWith(directory + "/");
    }
}
