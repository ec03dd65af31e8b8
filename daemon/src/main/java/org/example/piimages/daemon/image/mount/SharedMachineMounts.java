package org.example.piimages.daemon.image.mount;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
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

    private record Entry(MachineMounts mounts, int owner) {
    }

    /** The number of entries that are kept without checking whether they are out of date. */
    private static final int FEW = 64;

    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    /** The number of entries at which all are checked. */
    private volatile int limit = FEW;

    /** Remembers how an image was mounted for a machine of this user. */
    public void put(MachineMounts mounts, int owner) {
        entries.put(mounts.image(), new Entry(mounts, owner));
    }

    /**
     * Forgets the mounts whose loop devices are released, if there are many: the copy of an image for one command is an image of its own,
     * which is never looked up again. No lock is required.
     */
    public void forgetReleased() throws IOException {
        if (entries.size() < limit) {
            return;
        }
        for (Map.Entry<String, Entry> candidate : List.copyOf(entries.entrySet())) {
            if (!candidate.getValue().mounts().mayBeAttached()) {
                // Unless it was replaced meanwhile.
                entries.remove(candidate.getKey(), candidate.getValue());
            }
        }
        limit = 2 * entries.size() + FEW;
    }

    /** The last known mounts of an image by machines; they may be out of date. */
    public Optional<MachineMounts> ofRunning(String image) {
        return Optional.ofNullable(entries.get(image)).map(Entry::mounts);
    }

    /**
     * As {@link #attached(String)}, but empty if the machine is another user's. Loop devices outlive their machine while anything holds
     * them: they may be writable, or give access to what only the other user can decrypt.
     */
    public Optional<MachineMounts> attached(String image, int owner) throws IOException {
        Entry entry = entries.get(image);
        return entry == null || entry.owner() == owner ? attached(image) : Optional.empty();
    }

    /** The current mounts of an image by machines; empty if there are none, or none any more. */
    public Optional<MachineMounts> attached(String image) throws IOException {
        Entry entry = entries.get(image);
        Optional<Closeable> held = entry == null ? Optional.empty() : entry.mounts().keepAttached();
        if (held.isEmpty()) {
            entries.remove(image);
            return Optional.empty();
        }
        held.get().close();
        return Optional.of(entry.mounts());
    }

    /**
     * Claims a file for a mount or a job, and forgets the mounts of machines that used it.
     *
     * @param readOnly whether others may read it at the same time
     * @throws org.example.piimages.contract.Failure BUSY as {@link ImageFile#claim}
     */
    public void claim(ImageFile file, boolean readOnly) throws IOException {
        file.claim(readOnly);
        entries.remove(file.identity());
    }
}
