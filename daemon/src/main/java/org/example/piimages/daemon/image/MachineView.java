package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.example.piimages.daemon.linux.LoopDevice;
import org.example.piimages.daemon.linux.Mount;
import org.example.piimages.daemon.linux.MountTable;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Tree;
import org.example.piimages.daemon.linux.Undo;
import org.example.piimages.libc.Fd;

/**
 * How a machine gets an image: the root, and each further partition beside it, because systemd-nspawn maps the owners of a root only when
 * nothing is mounted below it. Setuid programs work; who may use the folder is for the machine to see to.
 *
 * @param image the identity of the image's file
 * @param readOnly whether its filesystems can be read only
 * @param rootAlone whether only the root was wanted
 * @param root where the root filesystem is mounted
 * @param others where further partitions are mounted, and where in the image they belong
 * @param volumes the loop devices, for another machine to mount them as well
 */
public record MachineView(String image, boolean readOnly, boolean rootAlone, Path root, Map<Path, String> others,
        List<AttachedVolume> volumes) {

    /** Mounts the volumes below a private folder; the undo unmounts them. */
    static MachineView mount(String image, List<AttachedVolume> volumes, Path folder, boolean readOnly, boolean rootAlone, Undo undo)
            throws IOException {
        // A machine's /dev is nspawn's; a device node anywhere else in an image is not to be one.
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        Map<Path, String> others = new LinkedHashMap<>();
        for (AttachedVolume volume : volumes) {
            Path place = folder.resolve(volume.isRoot() ? "root" : "volume-" + volumes.indexOf(volume));
            RunFolder.createPrivate(place);
            undo.add("remove " + place, () -> RunFolder.removeIfEmpty(place));
            boolean mounted = volume.isBind() ? bind(volume, place, folder.resolve("root"), others, attributes)
                    : mount(volume, place, attributes);
            if (mounted) {
                undo.add("unmount " + place, () -> MountTable.detach(place));
            }
            if (mounted && !volume.isRoot()) {
                others.put(place, volume.target());
            }
        }
        return new MachineView(image, readOnly, rootAlone, folder.resolve("root"), others, volumes);
    }

    private static boolean mount(AttachedVolume volume, Path place, Set<Mount.Attribute> attributes) throws IOException {
        try (Mount mount = volume.mount(attributes)) {
            mount.attach(place);
        }
        return true;
    }

    /** Whether there is the folder that is to be seen once more: in the partition that is mounted on the way to it, else in the root. */
    private static boolean bind(AttachedVolume bind, Path place, Path root, Map<Path, String> others, Set<Mount.Attribute> attributes)
            throws IOException {
        String source = bind.source() + "/";
        Map.Entry<Path, String> base = others.entrySet().stream().filter(other -> source.startsWith(other.getValue() + "/"))
                .max(Comparator.comparingInt(other -> other.getValue().length())).orElse(Map.entry(root, ""));
        try (Fd folder = Tree.open(base.getKey())) {
            Optional<Fd> found = new Tree(folder).folder("/" + source.substring(base.getValue().length()));
            if (found.isEmpty()) {
                return false;
            }
            try (Fd from = found.get(); Mount copy = Mount.copyOf(from, attributes)) {
                copy.attach(place);
            }
            return true;
        }
    }

    /** Whether nothing in the root can ever be changed, whatever the machine may do. */
    public boolean isRootReadOnly() {
        return readOnly || volumes.stream().limit(1).anyMatch(root -> root.options().contains("ro"));
    }

    private static List<String> devices(List<AttachedVolume> volumes) {
        return volumes.stream().filter(volume -> !volume.isBind()).map(AttachedVolume::device).distinct().toList();
    }

    /** Holds the loop devices, so that they stay what they are. Empty when they are not, or not any more, over the image's file. */
    Optional<Closeable> hold() throws IOException {
        Undo held = new Undo();
        for (String name : devices(volumes)) {
            Closeable device = LoopDevice.hold(name);
            held.add("let go of " + name, device::close);
            if (!LoopDevice.isOver(name, image)) {
                held.close();
                return Optional.empty();
            }
        }
        return Optional.of(held::close);
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
                folder.resolve("root"), Map.of(), AttachedVolume.load(properties));
    }
}
