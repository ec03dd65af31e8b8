package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
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
import org.example.piimages.daemon.linux.Undo;

/**
 * How a machine gets an image: the root, and each further partition beside it, because systemd-nspawn maps the owners of a root only when
 * nothing is mounted below it. Setuid programs work; who may use the folder is for the machine to see to.
 *
 * @param image the identity of the image's file
 * @param readOnly whether its filesystems can be read only
 * @param root where the root filesystem is mounted
 * @param others where further partitions are mounted, and where in the image they belong
 * @param volumes the loop devices, for another machine to mount them as well
 */
public record MachineView(String image, boolean readOnly, Path root, Map<Path, String> others, List<AttachedVolume> volumes) {

    /** Mounts the volumes below a private folder; the undo unmounts them. */
    static MachineView mount(String image, List<AttachedVolume> volumes, Path folder, boolean readOnly, Undo undo) throws IOException {
        // A machine's /dev is nspawn's; a device node anywhere else in an image is not to be one.
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        Map<Path, String> others = new LinkedHashMap<>();
        for (AttachedVolume volume : volumes) {
            Path place = folder.resolve(volume.isRoot() ? "root" : "volume-" + volume.number());
            RunFolder.createPrivate(place);
            undo.add("remove " + place, () -> RunFolder.removeIfEmpty(place));
            try (Mount mount = volume.mount(attributes)) {
                mount.attach(place);
            }
            undo.add("unmount " + place, () -> MountTable.detach(place));
            if (!volume.isRoot()) {
                others.put(place, volume.target());
            }
        }
        return new MachineView(image, readOnly, folder.resolve("root"), others, volumes);
    }

    /** Holds the loop devices, so that they stay what they are. Empty when they are not, or not any more, over the image's file. */
    Optional<Closeable> hold() throws IOException {
        Undo held = new Undo();
        for (AttachedVolume volume : volumes) {
            Closeable device = LoopDevice.hold(volume.device());
            held.add("let go of " + volume.device(), device::close);
            if (!LoopDevice.isOver(volume.device(), image)) {
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
        AttachedVolume.store(volumes, properties);
    }

    /** Reads it again; where it is mounted follows from the machine's folder. Throws IllegalArgumentException for what is no view. */
    public static MachineView of(Properties properties, Path folder) {
        return new MachineView(RunFolder.require(properties, "view.image"),
                Boolean.parseBoolean(RunFolder.require(properties, "view.read-only")),
                folder.resolve("root"), Map.of(), AttachedVolume.load(properties));
    }
}
