package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.example.piimages.daemon.image.disk.Filesystem;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.disk.Volume;
import org.example.piimages.daemon.linux.LoopDevice;

/** The loop devices over an image's partitions, one for each. Closing it lets go of them; they live as long as their mounts then. */
final class Partitions implements Closeable {

    private final ImageFile file;
    private final boolean readOnly;
    private final Map<Integer, LoopDevice> devices = new HashMap<>();

    Partitions(ImageFile file, boolean readOnly) {
        this.file = file;
        this.readOnly = readOnly;
    }

    /**
     * Puts a loop device over a partition, if there is none yet.
     *
     * @param subvolume the mount option for a btrfs subvolume, or empty
     * @param target where in the image it belongs
     */
    AttachedVolume attach(Volume volume, String subvolume, String target) throws IOException {
        Partition partition = volume.partition();
        Filesystem filesystem = volume.filesystem().orElseThrow();
        LoopDevice device = devices.get(partition.number());
        if (device == null) {
            device = LoopDevice.attach(file.file(), partition.start(), partition.length(), readOnly, file.path());
            devices.put(partition.number(), device);
        }
        return new AttachedVolume(partition.number(), filesystem.type(), filesystem.uuid(), target, device.path(), partition.start(),
                partition.length(), AttachedVolume.options(filesystem, readOnly, subvolume), "");
    }

    @Override
    public void close() {
        devices.values().forEach(LoopDevice::close);
    }
}
