package org.example.piimages.daemon.image.attachment;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.system.ChosenRoot;
import org.example.piimages.daemon.image.system.Disk;
import org.example.piimages.daemon.image.system.ImageDescription;
import org.example.piimages.daemon.image.system.MountPlan;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.image.system.RootFacts;
import org.example.piimages.daemon.image.system.SystemChoice;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.libc.ErrnoException;

/**
 * An image that is being attached: partitions behind loop devices, and a root that is mounted but not reachable by a path. Closing it lets
 * go of the loop devices, which then live as long as their mounts do.
 */
public final class Attachment implements Closeable {

    /** Kinds of failure that tell nothing about the image itself. */
    private static final Set<Failure.Kind> HOST_FAILURES = Set.of(Failure.Kind.BUSY, Failure.Kind.NO_LOOP_DEVICE,
            Failure.Kind.NOT_FOUND);

    private final ImageFile file;
    private final UnlockedPartitions unlocked;
    private final Partitions partitions;
    private final boolean readOnly;
    private final SystemChoice system;
    private final List<AttachedVolume> volumes = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private ChosenRoot choice;
    private List<RootFacts> candidates = List.of();
    private Mount root;
    private MountPlan plan = MountPlan.NONE;

    private Attachment(ImageFile file, boolean readOnly, PartitionSelection selection) throws IOException {
        this.file = file;
        this.unlocked = UnlockedPartitions.of(file, Disk.read(file), selection.passphrase());
        this.partitions = new Partitions(file, readOnly, unlocked);
        this.readOnly = readOnly;
        this.system = new SystemChoice(unlocked.disk(), selection);
    }

    /**
     * Describes an image; every partition that might be the root is mounted read-only and examined.
     *
     * @throws Failure as {@link Disk#read}; that no root can be chosen is part of the description
     */
    public static ImageDescription describe(ImageFile file, PartitionSelection selection) throws IOException {
        try (Attachment attachment = new Attachment(file, true, selection)) {
            try {
                attachment.attach(Set.of(), true);
                return attachment.description();
            } catch (Failure failure) {
                if (HOST_FAILURES.contains(failure.kind())) {
                    throw failure;
                }
                return ImageDescription.withoutRoot(attachment.system, attachment.candidates, failure.getMessage());
            }
        }
    }

    /**
     * Reads the partition table, finds the root and reads its fstab, and attaches the partitions that are to be mounted.
     *
     * @param selection the partitions that the caller selected
     * @param attributes the attributes of the root's mount
     */
    public static Attachment of(ImageFile file, boolean readOnly, PartitionSelection selection, Set<Mount.Attribute> attributes)
            throws IOException {
        Attachment attachment = new Attachment(file, readOnly, selection);
        boolean complete = false;
        try {
            attachment.attach(attributes, false);
            complete = true;
            return attachment;
        } finally {
            if (!complete) {
                attachment.close();
            }
        }
    }

    private void attach(Set<Mount.Attribute> attributes, boolean thoroughly) throws IOException {
        try (RootSearch search = new RootSearch(file, partitions, unlocked, attributes, system)) {
            candidates = search.inspected();
            choice = search.search(thoroughly);
            root = search.takeMount(choice.place());
        }
        volumes.add(partitions.attach(choice.place().volume(), choice.place().subvolume(), "/"));
        choice.facts().ifPresent(facts -> plan = MountPlan.of(system, facts));
        notes.addAll(plan.notes());
        for (MountPlan.Mount mount : plan.mounts()) {
            if (hasDirectory(mount)) {
                volumes.add(attach(mount));
            }
        }
    }

    private AttachedVolume attach(MountPlan.Mount mount) throws IOException {
        if (mount instanceof MountPlan.BindMount bind) {
            return AttachedVolume.bind(bind.source(), bind.target());
        }
        MountPlan.VolumeMount volume = (MountPlan.VolumeMount) mount;
        volume.volume().filesystem().orElseThrow().requireFits(volume.volume().partition());
        return partitions.attach(volume.volume(), volume.subvolume(), volume.target());
    }

    /**
     * Whether the root has a directory for the mount. A missing directory is created, as systemd does, if the image may be changed. A mount
     * point on another partition is only checked when that is mounted.
     */
    private boolean hasDirectory(MountPlan.Mount mount) throws IOException {
        String target = mount.target();
        boolean containsOther = plan.mounts().stream().anyMatch(other -> target.startsWith(other.target() + "/"));
        DirectoryTree tree = root.tree();
        if (containsOther || tree.status(target).filter(FileStatus::isDirectory).isPresent()) {
            return true;
        }
        String missing = "the image has no directory " + Printable.quoted(target) + ", a mount point in its fstab";
        if (readOnly || choice.place().volume().filesystem().filter(Filesystem::isReadOnly).isPresent()) {
            notes.add(missing + ": skipped; the directory is created when the image is mounted for writing");
            return false;
        }
        try {
            tree.createDirectories(target);
            return true;
        } catch (ErrnoException e) {
            notes.add(missing + ", and it cannot be created: " + e.reason());
            return false;
        }
    }

    /** The root's mount, not attached to any path yet. */
    public Mount root() {
        return root;
    }

    /** The root first, then the others in the order in which they are mounted. */
    public List<AttachedVolume> volumes() {
        return List.copyOf(volumes);
    }

    /** Why the boot partition is where it is. */
    public MountPlan.Rule rule() {
        return plan.rule();
    }

    /** The fstab entries that were skipped, and why: one human-readable line each. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** The description of the image. */
    public ImageDescription description() {
        return new ImageDescription(system, Optional.of(choice), candidates, plan, notes(), "");
    }

    /**
     * Refuses an image that contains no operating system.
     *
     * @throws Failure INVALID_IMAGE if there is no system to run
     */
    public void requireSystem() {
        if (choice.facts().isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the image contains no system to run: " + choice.reason());
        }
    }

    @Override
    public void close() {
        if (root != null) {
            root.close();
        }
        partitions.close();
        unlocked.close();
    }
}
