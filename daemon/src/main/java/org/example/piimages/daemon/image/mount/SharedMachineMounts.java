package org.example.piimages.daemon.image.mount;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.daemon.image.file.ImageFile;

/**
 * The mounts of the first machine on each image, whose loop devices the next ones share. The caller must hold the image's lock.
 *
 * <p>An entry is out of date once its loop devices are released. It is forgotten as soon as the file is found without loop devices: a
 * device that is attached later, by a job for example, may have the same number, and no machine must run from the device of a job.
 */
public final class SharedMachineMounts {

    private final Map<String, MachineMounts> mountsByImage = new ConcurrentHashMap<>();

    /** Remembers how an image was mounted. */
    public void put(MachineMounts mounts) {
        mountsByImage.put(mounts.image(), mounts);
    }

    /** The last known mounts of an image by machines; they may be out of date. */
    public Optional<MachineMounts> ofRunning(String image) {
        return Optional.ofNullable(mountsByImage.get(image));
    }

    /** The current mounts of an image by machines; empty if there are none, or none any more. */
    public Optional<MachineMounts> attached(String image) throws IOException {
        MachineMounts mounts = mountsByImage.get(image);
        Optional<Closeable> held = mounts == null ? Optional.empty() : mounts.keepAttached();
        if (held.isEmpty()) {
            mountsByImage.remove(image);
            return Optional.empty();
        }
        held.get().close();
        return Optional.of(mounts);
    }

    /**
     * Claims a file for a mount or a job, and forgets the mounts of machines that used it.
     *
     * @param readOnly whether others may read it at the same time
     * @throws org.example.piimages.contract.Failure BUSY as {@link ImageFile#claim}
     */
    public void claim(ImageFile file, boolean readOnly) throws IOException {
        file.claim(readOnly);
        mountsByImage.remove(file.identity());
    }
}
