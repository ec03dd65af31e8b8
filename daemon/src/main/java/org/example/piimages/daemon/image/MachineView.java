package org.example.piimages.daemon.image;

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
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.example.piimages.daemon.linux.mount.Tree;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;

/**
 * How a machine gets an image: the root, and each further partition where it belongs, with the machine's users in place of the image's.
 * Setuid programs work; who may use the folder is for the machine to see to.
 *
 * @param image the identity of the image's file
 * @param readOnly whether its filesystems can be read only
 * @param rootAlone whether only the root was wanted
 * @param root where the root filesystem is mounted
 * @param volumes the loop devices, for another machine to mount them as well
 */
public record MachineView(String image, boolean readOnly, boolean rootAlone, Path root, List<AttachedVolume> volumes) {

    /** What systemd-nspawn would make where it is missing, but cannot where the image's users are mapped. */
    private static final List<String> FOLDERS = Stream.concat(KernelFilesystems.MOUNT_POINTS.stream(),
            Stream.of("/run", "/tmp", "/etc", "/usr", "/var")).toList();

    /**
     * Mounts the volumes at a place in a private folder; the undo unmounts them. Whatever the image's users do meanwhile, each goes to the
     * folder that was found by its name within the image.
     */
    static MachineView mount(String image, List<AttachedVolume> volumes, MachinePlace place, boolean readOnly, boolean rootAlone, Undo undo)
            throws IOException {
        // A machine's /dev is nspawn's; a device node anywhere else in an image is not to be one.
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        Path root = place.root();
        RunFolder.createPrivate(root);
        undo.add("remove " + root, () -> RunFolder.removeIfEmpty(root));
        for (AttachedVolume volume : volumes) {
            if (volume.isRoot()) {
                mountRoot(volume, place, attributes);
                undo.add("unmount " + root, () -> MountTable.detach(root));
            } else {
                mountWithin(volume, place, attributes);
            }
        }
        return new MachineView(image, readOnly, rootAlone, root, volumes);
    }

    private static void mountRoot(AttachedVolume volume, MachinePlace place, Set<Mount.Attribute> attributes) throws IOException {
        try (Mount mount = volume.mount(attributes)) {
            makeFolders(mount.tree());
            map(mount, volume, place);
            mount.attach(place.root());
        }
    }

    private static void makeFolders(Tree tree) throws IOException {
        for (String folder : FOLDERS) {
            try {
                if (!tree.hasEntry(folder)) {
                    tree.createFolders(folder);
                }
            } catch (ErrnoException e) {
                // It cannot be changed; whoever cannot do without the folder says so.
                return;
            }
        }
    }

    private static void map(Mount mount, AttachedVolume volume, MachinePlace place) throws IOException {
        if (place.users().isPresent() && !mount.mapOwners(place.users().get())) {
            throw new Failure(Failure.Kind.UNSUPPORTED, "this kernel cannot map the owners of " + volume.type()
                    + " filesystems such as that of partition " + volume.number() + ", so nothing can be run in the image");
        }
    }

    /** A folder that is to be seen once more is passed over where it is missing, as it is on the host. */
    private static void mountWithin(AttachedVolume volume, MachinePlace place, Set<Mount.Attribute> attributes) throws IOException {
        try (Fd top = Tree.open(place.root()); Undo found = new Undo()) {
            Tree tree = new Tree(top);
            Optional<Fd> source = volume.isBind() ? tree.folder(volume.source()) : Optional.empty();
            source.ifPresent(folder -> found.add("close a directory", folder::close));
            Optional<Fd> target = tree.folder(volume.target());
            target.ifPresent(folder -> found.add("close a directory", folder::close));
            if (volume.isBind() && (source.isEmpty() || target.isEmpty())) {
                return;
            }
            Fd folder = target.orElseThrow(() -> new Failure(Failure.Kind.INVALID_IMAGE, "the image no longer has the directory "
                    + Printable.quoted(volume.target()) + " to mount partition " + volume.number() + " on; create it again"));
            try (Mount mount = volume.isBind() ? Mount.copyOf(source.get(), attributes) : volume.mount(attributes)) {
                if (!volume.isBind()) {
                    map(mount, volume, place);
                }
                mount.attach(folder);
            }
        }
    }

    /** Where in the image something is mounted, the root apart. */
    public List<String> places() {
        return volumes.stream().filter(volume -> !volume.isRoot()).map(AttachedVolume::target).toList();
    }

    /** Holds the devices, so that they stay what they are. Empty when they are gone, or not over the image's file any more. */
    Optional<Closeable> hold() throws IOException {
        Undo held = new Undo();
        boolean complete = false;
        try {
            for (AttachedVolume volume : volumes) {
                if (!volume.isBind() && !hold(volume, held)) {
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

    private boolean hold(AttachedVolume volume, Undo held) throws IOException {
        Optional<Closeable> devices = volume.hold();
        devices.ifPresent(there -> held.add("close " + volume.mounted(), there::close));
        return devices.isPresent() && LoopDevice.isOver(volume.device(), image);
    }

    /** Writes down what the next daemon has to know to let other machines share the loop devices. */
    public void store(Properties properties) {
        properties.setProperty("view.image", image);
        properties.setProperty("view.read-only", String.valueOf(readOnly));
        properties.setProperty("view.root-alone", String.valueOf(rootAlone));
        AttachedVolume.store(volumes, properties);
    }

    /** Reads it again; where it is mounted follows from the machine's folder. Throws IllegalArgumentException for what is no view. */
    public static MachineView of(Properties properties, Path folder) {
        return new MachineView(RunFolder.require(properties, "view.image"),
                Boolean.parseBoolean(RunFolder.require(properties, "view.read-only")),
                Boolean.parseBoolean(RunFolder.require(properties, "view.root-alone")),
                folder.resolve("root"), AttachedVolume.load(properties));
    }
}
