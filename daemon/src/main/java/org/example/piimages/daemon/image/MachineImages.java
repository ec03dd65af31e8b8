package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.attachment.Attachment;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.mount.MachineMountTarget;
import org.example.piimages.daemon.image.mount.MachineMounts;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.image.mount.SharedMachineMounts;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.file.PrivateCopy;
import org.example.piimages.daemon.linux.file.Undo;

/**
 * The images of machines. One that is mounted or used by another machine is mounted again through the same loop devices; any other
 * is mounted for the machine alone. A machine that must not leave changes gets a copy.
 */
public final class MachineImages {

    private final Images images;
    private final SharedMachineMounts sharedMounts;

    public MachineImages(Images images) {
        this.images = images;
        this.sharedMounts = images.machineMounts();
    }

    /** The ID under which an image is mounted on the host; the empty string if it is not mounted. */
    public String mountedId(ImageFile file) throws IOException {
        return images.find(file.identity()).map(ImageRecord::id).orElse("");
    }

    /**
     * Mounts an image for a machine.
     *
     * @param selection the partitions to mount
     * @param mountTarget the directory to mount in, and the user namespace that owns the files there
     * @param undo removes the mounts if the machine does not start
     * @throws Failure as {@link Images#mount}
     */
    public MachineMounts mount(ImageFile file, Owner owner, boolean readOnly, PartitionSelection selection, MachineMountTarget mountTarget,
            Undo undo)
            throws IOException {
        return images.locks().withLock(file.identity(), () -> {
            try {
                Optional<ImageRecord> mounted = images.find(file.identity());
                if (mounted.isPresent()) {
                    mounted.get().requireUsable(file, owner, false);
                    AttachedVolume.requireSelected(mounted.get().volumes(), selection, file.title());
                    return mountShared(mountsOf(mounted.get()), readOnly, selection, mountTarget, undo)
                            .orElseThrow(MachineImages::notMounted);
                }
                Optional<MachineMounts> existing = sharedMounts.attached(file.identity(), owner.uid());
                if (existing.isPresent()) {
                    requireShared(existing.get(), selection, file);
                }
                Optional<MachineMounts> shared =
                        existing.isPresent() ? mountShared(existing.get(), readOnly, selection, mountTarget, undo) : Optional.empty();
                return shared.isPresent() ? shared.get() : mountFirst(file, owner, readOnly, selection, mountTarget, undo);
            } catch (Failure failure) {
                throw file.about(failure);
            }
        });
    }

    private static void requireShared(MachineMounts shared, PartitionSelection selection, ImageFile file) {
        AttachedVolume.requireSelected(shared.volumes(), selection, file.title());
        if (shared.rootOnly() && selection.withBoot()) {
            throw new Failure(Failure.Kind.BUSY,
                    file.title() + " is in use by a machine with only its root filesystem (--no-boot); terminate it first,"
                            + " or use --no-boot");
        }
    }

    private MachineMounts mountFirst(ImageFile file, Owner owner, boolean readOnly, PartitionSelection selection,
            MachineMountTarget mountTarget, Undo undo)
            throws IOException {
        boolean heldReadOnly = readOnly || !file.isWritable();
        sharedMounts.forgetReleased();
        images.claim(file, heldReadOnly);
        try (Attachment attachment = Attachment.of(file, heldReadOnly, selection, Set.of())) {
            attachment.requireSystem();
            MachineMounts mounts =
                    MachineMounts.mount(file.identity(), attachment.volumes(), mountTarget, heldReadOnly, !selection.withBoot(), undo);
            sharedMounts.put(mounts, owner.uid());
            return mounts;
        }
    }

    /** As {@link #mount(ImageFile, Owner, boolean, PartitionSelection, MachineMountTarget, Undo)}, for an image that is mounted. */
    public MachineMounts mount(String id, boolean readOnly, PartitionSelection selection, MachineMountTarget mountTarget, Undo undo)
            throws IOException {
        return images.locks().withLock(id, () -> {
            ImageRecord record = images.find(id).orElseThrow(MachineImages::notMounted);
            AttachedVolume.requireSelected(record.volumes(), selection, record.title());
            return mountShared(mountsOf(record), readOnly, selection, mountTarget, undo).orElseThrow(MachineImages::notMounted);
        });
    }

    private static Failure notMounted() {
        return new Failure(Failure.Kind.NOT_MOUNTED, "the image is no longer mounted");
    }

    /**
     * Mounts an image through the loop devices of another machine. They are held open meanwhile, as that machine may end and release them
     * at any time; empty if it already has.
     */
    private static Optional<MachineMounts> mountShared(MachineMounts mounts, boolean readOnly, PartitionSelection selection,
            MachineMountTarget mountTarget,
            Undo undo)
            throws IOException {
        Optional<Closeable> devices = mounts.keepAttached();
        if (devices.isEmpty()) {
            return Optional.empty();
        }
        Closeable held = devices.get();
        try (held) {
            List<AttachedVolume> volumes = selection.withBoot() ? mounts.volumes() : mounts.volumes().subList(0, 1);
            return Optional.of(
                    MachineMounts.mount(mounts.image(), volumes, mountTarget, readOnly || mounts.readOnly(), !selection.withBoot(), undo));
        }
    }

    private static MachineMounts mountsOf(ImageRecord record) {
        return new MachineMounts(record.id(), record.readOnly(), false, record.mountPoint(), record.volumes());
    }

    /** Registers the mounts of a machine that a previous daemon process made, so that other machines of its owner can share them. */
    public void adopt(MachineMounts mounts, int owner) {
        sharedMounts.put(mounts, owner);
    }

    /**
     * Makes an unnamed copy of an image, which is freed with its last mount.
     *
     * @param groups the owner's groups, the primary one first
     * @throws Failure BUSY while something may write to the image, NO_SPACE; UNSUPPORTED for a card
     */
    public ImageFile copy(ImageFile file, Owner owner, int[] groups) throws IOException {
        if (file.card().isPresent()) {
            throw new Failure(Failure.Kind.UNSUPPORTED, file.title() + " is a card, which is not copied for one command; use it read-only,"
                    + " or back it up to a file: piimagesctl read");
        }
        return images.locks().withLock(file.identity(), () -> {
            Optional<ImageRecord> mounted = images.find(file.identity());
            Optional<MachineMounts> machine = sharedMounts.attached(file.identity());
            if (mounted.isPresent() ? !mounted.get().readOnly() : machine.isPresent() && !machine.get().readOnly()) {
                throw new Failure(Failure.Kind.BUSY, file.title() + " is in use for writing, so a copy would not be consistent;"
                        + " unmount it or terminate its machines; see piimagesctl list and piimagesctl machines");
            }
            if (mounted.isEmpty() && machine.isEmpty()) {
                images.claim(file, true);
            }
            Path beside = Path.of(file.path()).toAbsolutePath().getParent();
            return new ImageFile(PrivateCopy.of(file.file(), beside, owner.uid(), groups), file.path());
        });
    }
}
