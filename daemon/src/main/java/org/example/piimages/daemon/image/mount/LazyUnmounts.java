package org.example.piimages.daemon.image.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.file.ImageCard;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that were unmounted lazily and are still in use. No path leads to them; the kernel frees their loop devices with the last
 * user. Until then they count against their owner's limit, which could otherwise be circumvented by unmounting lazily.
 */
public final class LazyUnmounts {

    private static final Path DIRECTORY = RunDirectory.ROOT.resolve("lingering");
    private static final Logger LOG = LoggerFactory.getLogger(LazyUnmounts.class);

    private final Map<String, ImageRecord> records = new ConcurrentHashMap<>();

    /** Records an image that is about to be unmounted lazily. */
    public void add(ImageRecord record) throws IOException {
        RunDirectory.writeRecord(DIRECTORY.resolve(record.id()), record.toProperties());
        records.put(record.id(), record);
    }

    /** The recorded cards; some may not be in use any more. */
    public List<ImageRecord> cards() {
        return records.values().stream().filter(record -> ImageCard.isCard(record.id())).toList();
    }

    /** Forgets the images whose loop devices are free, and returns their records. */
    public List<ImageRecord> sweep() throws IOException {
        List<ImageRecord> released = new ArrayList<>();
        for (ImageRecord record : List.copyOf(records.values())) {
            if (device(record).isEmpty() && records.remove(record.id(), record)) {
                Files.deleteIfExists(DIRECTORY.resolve(record.id()));
                released.add(record);
            }
        }
        return released;
    }

    /** Throws {@link Failure} BUSY while somebody uses an image that was unmounted lazily. */
    public void requireReleased(ImageFile file) throws IOException {
        ImageRecord record = records.get(file.identity());
        Optional<String> device = record == null ? Optional.empty() : device(record);
        if (device.isPresent()) {
            throw new Failure(Failure.Kind.BUSY, file.title() + " was unmounted lazily and is still in use; " + device.get()
                    + " is freed when its last user has exited; to list them: fuser --verbose --mount " + device.get());
        }
    }

    /** The first loop device that is still attached to the image; empty if none is. */
    private static Optional<String> device(ImageRecord record) throws IOException {
        for (AttachedVolume volume : record.volumes()) {
            if (LoopDevice.mayBeBackedBy(volume.device(), record.id())) {
                return Optional.of(volume.device());
            }
        }
        return Optional.empty();
    }

    /** Reads the records of a previous daemon process; returns those of images still in use. */
    public List<ImageRecord> recover() throws IOException {
        for (Path file : RunDirectory.entries(DIRECTORY)) {
            try {
                ImageRecord record = ImageRecord.of(RunDirectory.readRecord(file).orElseThrow());
                records.put(record.id(), record);
            } catch (IOException | RuntimeException e) {
                LOG.error("cannot read the record {}: {}; it is kept as {}", file, e.getMessage(), RunDirectory.setAside(file));
            }
        }
        sweep();
        return List.copyOf(records.values());
    }
}
