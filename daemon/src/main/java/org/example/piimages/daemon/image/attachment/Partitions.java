package org.example.piimages.daemon.image.attachment;

import java.io.Closeable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.luks.CryptVolume;
import org.example.piimages.daemon.image.table.Volume;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.MappedDevice;

/**
 * The loop devices of an image's partitions, one for each, and the device-mapper devices of the encrypted ones. Closing it releases them;
 * they then live as long as their mounts.
 */
final class Partitions implements Closeable {

    private final ImageFile file;
    private final boolean readOnly;
    private final UnlockedPartitions unlocked;
    private final Map<Integer, LoopDevice> devices = new HashMap<>();
    private final Map<Integer, MappedDevice> mapped = new HashMap<>();

    Partitions(ImageFile file, boolean readOnly, UnlockedPartitions unlocked) {
        this.file = file;
        this.readOnly = readOnly;
        this.unlocked = unlocked;
    }

    /**
     * Attaches a loop device to a partition, if there is none yet.
     *
     * @param subvolume the mount option for a btrfs subvolume, or empty
     * @param target the mount point in the image
     */
    AttachedVolume attach(Volume volume, String subvolume, String target) throws IOException {
        Partition partition = volume.partition();
        Filesystem filesystem = volume.filesystem().orElseThrow();
        LoopDevice device = devices.get(partition.number());
        if (device == null) {
            device = LoopDevice.attach(file.file(), partition.start(), partition.length(), readOnly, file.label());
            devices.put(partition.number(), device);
        }
        return new AttachedVolume(partition.number(), filesystem.type(), filesystem.uuid(), target, device.path(),
                content(partition, device),
                partition.start(), partition.length(), AttachedVolume.options(filesystem, readOnly, subvolume), "");
    }

    /** The device with the decrypted content of a partition; the empty string if it is not encrypted. */
    private String content(Partition partition, LoopDevice device) throws IOException {
        Optional<CryptVolume> key = unlocked.key(partition);
        if (key.isPresent() && !mapped.containsKey(partition.number())) {
            mapped.put(partition.number(), key.get().map(device, readOnly));
        }
        return Optional.ofNullable(mapped.get(partition.number())).map(MappedDevice::path).orElse("");
    }

    @Override
    public void close() {
        mapped.values().forEach(MappedDevice::close);
        devices.values().forEach(LoopDevice::close);
    }
}
