package org.example.piimages.daemon.image.mount;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.example.piimages.daemon.linux.mount.MountTree;
import org.example.piimages.daemon.linux.process.Processes;
import org.example.piimages.daemon.linux.process.UserNamespace;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mounts of an image for its owner on the host: without setuid and device nodes and, unless the owner is root, with the owner in place
 * of the image's root. The kernel enforces this; nothing in the image can change it.
 */
public final class UserMounts {

    private static final Logger LOG = LoggerFactory.getLogger(UserMounts.class);

    private final Owner owner;
    private final boolean readOnly;

    public UserMounts(Owner owner, boolean readOnly) {
        this.owner = owner;
        this.readOnly = readOnly;
    }

    public Set<Mount.Attribute> attributes() {
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        return attributes;
    }

    /**
     * Maps the image's root to the owner in a mount that is not attached to a path yet.
     *
     * @return whether the mount is mapped: false for root, and if the kernel cannot map this filesystem
     */
    public boolean map(Mount mount) throws IOException {
        if (owner.isRoot()) {
            return false;
        }
        try (UserNamespace namespace = UserNamespace.forOwner(owner.uid(), owner.gid())) {
            return mount.mapOwners(namespace.fd());
        }
    }

    /**
     * Mounts the volumes other than the root at their targets below {@code directory}.
     *
     * @param notes accepts a message for each volume whose target, or bind source, does not exist
     * @return the volumes that are mounted, including the root
     */
    public List<AttachedVolume> attachOthers(List<AttachedVolume> volumes, Path directory, Consumer<String> notes) throws IOException {
        List<AttachedVolume> shown = new ArrayList<>();
        for (AttachedVolume volume : volumes) {
            Optional<String> missing = volume.isRoot() ? Optional.empty() : attach(volume, directory);
            missing.ifPresent(path -> notes.accept("the image has no directory " + Printable.quoted(path) + ", so nothing is mounted on "
                    + Printable.quoted(volume.target())));
            if (missing.isEmpty()) {
                shown.add(volume);
            }
        }
        return shown;
    }

    /** Mounts a volume; returns the path of the directory that it needs if that is missing, otherwise empty. */
    private Optional<String> attach(AttachedVolume volume, Path directory) throws IOException {
        try (Fd root = DirectoryTree.open(directory)) {
            DirectoryTree tree = new DirectoryTree(root);
            Optional<Fd> target = tree.directory(volume.target());
            if (target.isEmpty()) {
                return Optional.of(volume.target());
            }
            try (Fd place = target.get()) {
                return volume.isBind() ? bind(tree, volume.source(), place) : mount(volume, place);
            }
        }
    }

    private Optional<String> mount(AttachedVolume volume, Fd place) throws IOException {
        try (Mount mount = mount(volume)) {
            map(mount);
            mount.attach(place);
        }
        return Optional.empty();
    }

    /** Makes a bind mount. It is not mapped again: the copy of a mount is mapped like the original. */
    private Optional<String> bind(DirectoryTree tree, String source, Fd place) throws IOException {
        Optional<Fd> found = tree.directory(source);
        if (found.isEmpty()) {
            return Optional.of(source);
        }
        try (Fd from = found.get(); Mount copy = Mount.copyOf(from, attributes())) {
            copy.attach(place);
        }
        return Optional.empty();
    }

    /** Mounts again exactly what was unmounted before the rest turned out to be in use: where it was, or else at its target. */
    private void remount(MountTree tree, ImageRecord record) throws IOException {
        if (record.devices().size() < record.volumes().size()) {
            remountByTarget(tree.unmountedDevices().size(), record);
            return;
        }
        for (String device : tree.unmountedDevices()) {
            for (AttachedVolume volume : record.volumes()) {
                if (volume.mountedDevice().equals(device)) {
                    remount(tree, record, volume);
                }
            }
        }
    }

    /** Like {@link #remount}, if one device is mounted in several places (bind mounts, subvolumes) and does not identify the volume. */
    private void remountByTarget(int taken, ImageRecord record) throws IOException {
        Path directory = record.mountPoint();
        List<Path> mounted = new ArrayList<>(MountTable.below(directory).stream().map(MountTable.Entry::target).toList());
        int remaining = taken;
        for (AttachedVolume volume : record.volumes()) {
            // The volume that contains its target comes earlier in the list and is mounted again by now.
            if (remaining > 0 && !volume.isRoot() && !mounted.remove(place(volume, directory))) {
                attachOthers(List.of(volume), directory, note -> LOG.warn("{}: {}", record.title(), note));
                remaining--;
            }
        }
    }

    /**
     * Returns the path at which a mount on the volume's target appears: symbolic links are followed. A missing target is returned as it is.
     */
    private static Path place(AttachedVolume volume, Path directory) throws IOException {
        try (Fd root = DirectoryTree.open(directory)) {
            Optional<Fd> found = new DirectoryTree(root).directory(volume.target());
            if (found.isPresent()) {
                try (Fd target = found.get()) {
                    return directory.resolve(DirectoryTree.relativePath(target, directory).orElse(volume.target()).substring(1));
                }
            }
            return directory.resolve(volume.target().substring(1));
        }
    }

    private void remount(MountTree tree, ImageRecord record, AttachedVolume volume) {
        try {
            Optional<Fd> before = tree.mountPoint(volume.mountedDevice());
            if (before.isEmpty()) {
                attach(volume, record.mountPoint());
            } else {
                try (Fd place = before.get()) {
                    mount(volume, place);
                }
            }
        } catch (IOException | Failure e) {
            LOG.warn("{}: partition {} was unmounted and cannot be mounted again: {}", record.title(), volume.number(), e.getMessage());
        }
    }

    private Mount mount(AttachedVolume volume) throws IOException {
        try {
            return volume.mount(attributes());
        } catch (Failure e) {
            if (e.kind() == Failure.Kind.UNSUPPORTED) {
                throw new Failure(e.kind(), e.getMessage() + "; to mount the rest, use --no-boot", e);
            }
            throw e;
        }
    }

    /**
     * Unmounts an image.
     *
     * @throws Failure BUSY, naming the users, if it is in use; everything is mounted as before then
     */
    public static void detach(ImageRecord record) throws IOException {
        List<Closeable> held = new ArrayList<>();
        MountTree tree = new MountTree(record.mountPoint());
        try {
            for (AttachedVolume volume : record.volumes()) {
                if (!volume.isBind()) {
                    volume.keepAttached().ifPresent(held::add);
                }
            }
            tree.unmount();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
            // The boot partition may be unmounted already; its loop device is held open, so it can be mounted again.
            new UserMounts(record.owner(), record.readOnly()).remount(tree, record);
            throw busy(record, e);
        } catch (Failure e) {
            new UserMounts(record.owner(), record.readOnly()).remount(tree, record);
            throw e;
        } finally {
            for (Closeable device : held) {
                device.close();
            }
        }
    }

    private static Failure busy(ImageRecord record, ErrnoException cause) throws IOException {
        String holders = Processes.using(record.mountPoint()).stream()
                .map(holder -> holder.command() + " (pid " + holder.pid() + ", " + holder.file() + ")").collect(Collectors.joining(", "));
        return new Failure(Failure.Kind.BUSY, record.title() + " is in use"
                + (holders.isEmpty() ? ", perhaps by a mount in another namespace" : " by " + holders)
                + "; terminate it, or unmount the image with --lazy", cause);
    }
}
