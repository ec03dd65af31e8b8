package org.example.piimages.daemon.image.mount;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;

/**
 * An image as mounted for a machine: the root, and each further partition at its mount point, with the image's users mapped to the
 * machine's. Setuid programs work, so the machine's directory has to keep other users away.
 *
 * @param image the identity of the image's file
 * @param readOnly whether its filesystems are mounted read-only
 * @param rootOnly whether only the root filesystem was requested
 * @param root the mount point of the root filesystem
 * @param volumes the filesystems with their loop devices, which another machine can mount as well
 */
public record MachineMounts(String image, boolean readOnly, boolean rootOnly, Path root, List<AttachedVolume> volumes) {

    /** The directories that systemd-nspawn would create if they are missing, which it cannot do if the image's users are mapped. */
    private static final List<String> DIRECTORIES = Stream.concat(KernelFilesystems.MOUNT_POINTS.stream(),
            Stream.of("/run", "/tmp", "/etc", "/usr", "/var")).toList();

    /**
     * Mounts the volumes at a place in a private directory. Whatever the image's users change meanwhile, each volume is attached to the
     * directory that was found by its name within the image.
     *
     * @param undo unmounts them
     */
    public static MachineMounts mount(String image, List<AttachedVolume> volumes, MachineMountTarget mountTarget, boolean readOnly,
            boolean rootOnly, Undo undo)
            throws IOException {
        // nspawn provides the machine's /dev; device nodes in the image must have no effect.
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        Path root = mountTarget.root();
        RunDirectory.createPrivate(root);
        undo.add("remove " + root, () -> RunDirectory.removeIfEmpty(root));
        for (AttachedVolume volume : volumes) {
            if (volume.isRoot()) {
                mountRoot(volume, mountTarget, attributes);
                undo.add("unmount " + root, () -> MountTable.detach(root));
            } else {
                mountWithin(volume, mountTarget, attributes);
            }
        }
        return new MachineMounts(image, readOnly, rootOnly, root, volumes);
    }

    private static void mountRoot(AttachedVolume volume, MachineMountTarget mountTarget, Set<Mount.Attribute> attributes)
            throws IOException {
        try (Mount mount = volume.mount(attributes)) {
            makeDirectories(mount.tree());
            map(mount, volume, mountTarget);
            mount.attach(mountTarget.root());
        }
    }

    private static void makeDirectories(DirectoryTree tree) throws IOException {
        for (String directory : DIRECTORIES) {
            try {
                if (!tree.hasEntry(directory)) {
                    tree.createDirectories(directory);
                }
            } catch (ErrnoException e) {
                // The filesystem cannot be changed; an error is reported later, if the directory is required.
                return;
            }
        }
    }

    private static void map(Mount mount, AttachedVolume volume, MachineMountTarget mountTarget) throws IOException {
        if (mountTarget.users().isPresent() && !mount.mapOwners(mountTarget.users().get())) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "this kernel cannot map the owners of " + volume.type()
                    + " filesystems such as that of partition " + volume.number() + ", so nothing can be run in the image");
        }
    }

    /** Mounts a volume other than the root. A bind mount without source or target directory is skipped, as on the host. */
    private static void mountWithin(AttachedVolume volume, MachineMountTarget mountTarget, Set<Mount.Attribute> attributes)
            throws IOException {
        try (Fd top = DirectoryTree.open(mountTarget.root()); Undo opened = new Undo()) {
            DirectoryTree tree = new DirectoryTree(top);
            Optional<Fd> source = volume.isBind() ? tree.directory(volume.source()) : Optional.empty();
            source.ifPresent(directory -> opened.add("close a directory", directory::close));
            Optional<Fd> target = tree.directory(volume.target());
            target.ifPresent(directory -> opened.add("close a directory", directory::close));
            if (volume.isBind() && (source.isEmpty() || target.isEmpty())) {
                return;
            }
            Fd directory = target.orElseThrow(() -> new Failure(Failure.Kind.INVALID_IMAGE, "the image no longer has the directory "
                    + Printable.quoted(volume.target()) + " to mount partition " + volume.number() + " on; create it again"));
            try (Mount mount = volume.isBind() ? Mount.copyOf(source.get(), attributes) : volume.mount(attributes)) {
                if (!volume.isBind()) {
                    map(mount, volume, mountTarget);
                }
                mount.attach(directory);
            }
        }
    }

    /** Returns the mount points in the image other than the root. */
    public List<String> mountPoints() {
        return volumes.stream().filter(volume -> !volume.isRoot()).map(AttachedVolume::target).toList();
    }

    /** Whether its loop devices are still attached; true also if they do not respond. */
    boolean mayBeAttached() throws IOException {
        for (AttachedVolume volume : volumes) {
            if (!volume.isBind() && LoopDevice.mayBeBackedBy(volume.device(), image)) {
                return true;
            }
        }
        return false;
    }

    /** Holds the devices, so that they stay attached. Empty if they are gone, or no longer backed by the image's file. */
    public Optional<Closeable> keepAttached() throws IOException {
        Undo held = new Undo();
        boolean complete = false;
        try {
            for (AttachedVolume volume : volumes) {
                if (!volume.isBind() && !keepAttached(volume, held)) {
                    return Optional.empty();
                }
            }
            complete = true;
            return Optional.of(held::close);
        } finally {
            if (!complete) {
                held.close();
            }
        }
    }

    private boolean keepAttached(AttachedVolume volume, Undo held) throws IOException {
        Optional<Closeable> devices = volume.keepAttached();
        devices.ifPresent(there -> held.add("close " + volume.mountedDevice(), there::close));
        return devices.isPresent() && LoopDevice.isBackedBy(volume.device(), image);
    }

    /** Stores the properties by which the next process of the daemon lets other machines share the loop devices. */
    public void store(Properties properties) {
        properties.setProperty("view.image", image);
        properties.setProperty("view.read-only", String.valueOf(readOnly));
        properties.setProperty("view.root-alone", String.valueOf(rootOnly));
        AttachedVolume.store(volumes, properties);
    }

    /**
     * Reads stored properties.
     *
     * @param directory the machine's directory, which contains the mount point
     * @throws IllegalArgumentException if the properties are not those of such mounts
     */
    public static MachineMounts of(Properties properties, Path directory) {
        return new MachineMounts(RunDirectory.require(properties, "view.image"),
                Boolean.parseBoolean(RunDirectory.require(properties, "view.read-only")),
                Boolean.parseBoolean(RunDirectory.require(properties, "view.root-alone")),
                directory.resolve("root"), AttachedVolume.load(properties));
    }
}
