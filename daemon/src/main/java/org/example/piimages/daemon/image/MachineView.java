package org.example.piimages.daemon.image;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.example.piimages.daemon.linux.Mount;
import org.example.piimages.daemon.linux.MountTable;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Undo;

/**
 * How a machine gets an image: the root, and each further partition beside it, because systemd-nspawn maps the owners of a root only when
 * nothing is mounted below it. Setuid programs work; who may use the folder is for the machine to see to.
 *
 * @param root where the root filesystem is mounted
 * @param others where further partitions are mounted, and where in the image they belong
 */
public record MachineView(Path root, Map<Path, String> others) {

    /** Mounts the volumes below a private folder; the undo unmounts them. */
    static MachineView mount(List<AttachedVolume> volumes, Path folder, boolean readOnly, Undo undo) throws IOException {
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
            undo.add("unmount " + place, () -> MountTable.unmount(place, true));
            if (!volume.isRoot()) {
                others.put(place, volume.target());
            }
        }
        return new MachineView(folder.resolve("root"), others);
    }
}
