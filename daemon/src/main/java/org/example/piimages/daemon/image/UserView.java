package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.LoopDevice;
import org.example.piimages.daemon.linux.Mount;
import org.example.piimages.daemon.linux.MountTree;
import org.example.piimages.daemon.linux.Processes;
import org.example.piimages.daemon.linux.Tree;
import org.example.piimages.daemon.linux.UserNamespace;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How an owner sees an image on the host: without setuid and devices, and, unless they are root, with themselves in place of the image's
 * root. The kernel enforces all of it; nothing in the image can change it.
 */
final class UserView {

    private static final Logger LOG = LoggerFactory.getLogger(UserView.class);

    private final Owner owner;
    private final boolean readOnly;

    UserView(Owner owner, boolean readOnly) {
        this.owner = owner;
        this.readOnly = readOnly;
    }

    Set<Mount.Attribute> attributes() {
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        return attributes;
    }

    /**
     * Puts the owner in place of the image's root, in a mount that no path leads to yet. Whether it did: not for root, and not where the
     * kernel cannot.
     */
    boolean map(Mount mount) throws IOException {
        return !owner.isRoot() && mount.mapOwners(UserNamespace.forOwner(owner.uid(), owner.gid()).fd());
    }

    /** Shows the volumes below the root at {@code folder}, where they belong. */
    void attachOthers(List<AttachedVolume> volumes, Path folder) throws IOException {
        for (AttachedVolume volume : volumes) {
            if (!volume.isRoot()) {
                attach(volume, folder);
            }
        }
    }

    private void attach(AttachedVolume volume, Path folder) throws IOException {
        try (Fd root = Tree.open(folder)) {
            Optional<Fd> target = new Tree(root).folder(volume.target());
            try (Fd place = target.orElseThrow(() -> new Failure(Failure.Kind.INVALID_IMAGE, "the image has no folder "
                    + Printable.quoted(volume.target()) + " to mount partition " + volume.number() + " on; --no-boot mounts the rest"))) {
                attach(volume, place);
            }
        }
    }

    private void attach(AttachedVolume volume, Fd place) throws IOException {
        try (Mount mount = mount(volume)) {
            map(mount);
            mount.attach(place);
        }
    }

    /** Puts back what was taken off before the rest turned out to be in use, and nothing else: where it was, or else where it belongs. */
    private void putBack(MountTree tree, ImageRecord record) {
        for (String device : tree.taken()) {
            for (AttachedVolume volume : record.volumes()) {
                if (volume.device().equals(device)) {
                    putBack(tree, record, volume);
                }
            }
        }
    }

    private void putBack(MountTree tree, ImageRecord record, AttachedVolume volume) {
        try {
            Optional<Fd> before = tree.place(volume.device());
            if (before.isEmpty()) {
                attach(volume, record.mountPoint());
            } else {
                try (Fd place = before.get()) {
                    attach(volume, place);
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
                throw new Failure(e.kind(), e.getMessage() + "; --no-boot mounts the rest", e);
            }
            throw e;
        }
    }

    /**
     * Unmounts an image.
     *
     * @throws Failure BUSY with who holds it; everything is mounted as before then
     */
    static void detach(ImageRecord record) throws IOException {
        List<Closeable> held = new ArrayList<>();
        MountTree tree = new MountTree(record.mountPoint());
        try {
            for (AttachedVolume volume : record.volumes()) {
                held.add(LoopDevice.hold(volume.device()));
            }
            tree.unmount();
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
            // The boot partition may be off already; its loop device is held, so it can go back.
            new UserView(record.owner(), record.readOnly()).putBack(tree, record);
            throw busy(record, e);
        } catch (Failure e) {
            new UserView(record.owner(), record.readOnly()).putBack(tree, record);
            throw e;
        } finally {
            for (Closeable device : held) {
                device.close();
            }
        }
    }

    private static Failure busy(ImageRecord record, ErrnoException cause) throws IOException {
        String holders = Processes.holding(record.mountPoint()).stream()
                .map(holder -> holder.command() + " (pid " + holder.pid() + ", " + holder.file() + ")").collect(Collectors.joining(", "));
        return new Failure(Failure.Kind.BUSY, record.title() + " is in use"
                + (holders.isEmpty() ? "; a mount in another namespace may hold it" : " by " + holders)
                + "; end that, or unmount it with --lazy", cause);
    }
}
