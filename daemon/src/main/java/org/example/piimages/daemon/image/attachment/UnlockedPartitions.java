package org.example.piimages.daemon.image.attachment;

import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.filesystem.Filesystem;
import org.example.piimages.daemon.image.luks.CryptVolume;
import org.example.piimages.daemon.image.luks.Luks;
import org.example.piimages.daemon.image.system.Disk;
import org.example.piimages.daemon.image.system.Passphrase;
import org.example.piimages.daemon.image.table.Volume;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.MappedDevice;

/** The encrypted partitions of an image that were opened with a passphrase, with their keys until closed. */
final class UnlockedPartitions implements Closeable {

    /**
     * The time for all partitions. Key slots are made to take two seconds on the computer that creates them; an old one may take a minute.
     */
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final int MAX_PARTITIONS = 8;

    private final Map<Integer, CryptVolume> keys = new HashMap<>();
    private final Disk disk;

    private UnlockedPartitions(Disk disk) {
        this.disk = disk;
    }

    /**
     * Opens all partitions that the passphrase opens; none if it is empty.
     *
     * @throws Failure LOCKED if it opens none; INVALID_ARGUMENT if no partition is encrypted; otherwise as {@link Luks#open}
     */
    static UnlockedPartitions of(ImageFile file, Disk disk, Passphrase passphrase) throws IOException {
        if (passphrase.isEmpty()) {
            return new UnlockedPartitions(disk);
        }
        List<Volume> encrypted = disk.volumes().stream().filter(UnlockedPartitions::isEncrypted).toList();
        if (encrypted.isEmpty()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the image has no encrypted partition, so it takes no passphrase");
        }
        if (encrypted.size() > MAX_PARTITIONS) {
            throw new Failure(Failure.Kind.UNSUPPORTED,
                    "the image has " + encrypted.size() + " encrypted partitions; at most " + MAX_PARTITIONS
                            + " are opened");
        }
        Map<Integer, CryptVolume> keys = new HashMap<>();
        Optional<Failure> obstacle = Optional.empty();
        for (Volume volume : encrypted) {
            try {
                new Luks(file, volume.partition(), TIMEOUT.dividedBy(encrypted.size())).open(passphrase)
                        .ifPresent(key -> keys.put(volume.partition().number(), key));
            } catch (Failure failure) {
                obstacle = obstacle.or(() -> Optional.of(failure));
            }
        }
        if (keys.isEmpty()) {
            throw obstacle.orElseGet(() -> new Failure(Failure.Kind.LOCKED, "the passphrase does not open "
                    + encrypted.stream().map(volume -> volume.partition().title()).collect(Collectors.joining(" or "))));
        }
        return withContent(file, disk, keys);
    }

    private static UnlockedPartitions withContent(ImageFile file, Disk disk, Map<Integer, CryptVolume> keys) throws IOException {
        List<Volume> volumes = new ArrayList<>();
        for (Volume volume : disk.volumes()) {
            CryptVolume key = keys.get(volume.partition().number());
            volumes.add(key == null ? volume : new Volume(volume.partition(), content(file, volume.partition(), key), true));
        }
        UnlockedPartitions unlocked = new UnlockedPartitions(disk.with(volumes));
        unlocked.keys.putAll(keys);
        return unlocked;
    }

    private static Optional<Filesystem> content(ImageFile file, Partition partition, CryptVolume key) throws IOException {
        try (LoopDevice loop = LoopDevice.attach(file.file(), partition.start(), partition.length(), true, file.label());
                MappedDevice device = key.map(loop, true)) {
            Partition whole = Partition.wholeFile(key.length());
            Optional<Filesystem> filesystem = Filesystem.probe(new Content(device, key.length()), whole);
            filesystem.ifPresent(found -> found.requireFits(whole));
            return filesystem;
        }
    }

    /** The decrypted content of a partition. */
    private record Content(MappedDevice device, long size) implements ByteSource {

        @Override
        public void read(long offset, byte[] buffer) {
            try {
                device.file().read(offset, buffer);
            } catch (IOException e) {
                throw new Failure(Failure.Kind.FAILED, "cannot read an encrypted partition of the image: " + e.getMessage(), e);
            }
        }
    }

    private static boolean isEncrypted(Volume volume) {
        return volume.filesystem().filter(Filesystem::isEncrypted).isPresent();
    }

    /** The image with the content of the opened partitions. */
    Disk disk() {
        return disk;
    }

    /** The key of a partition; empty if it is not encrypted or was not opened. */
    Optional<CryptVolume> key(Partition partition) {
        return Optional.ofNullable(keys.get(partition.number()));
    }

    /** Erases the keys; devices created with them stay. */
    @Override
    public void close() {
        keys.values().forEach(CryptVolume::close);
    }
}
