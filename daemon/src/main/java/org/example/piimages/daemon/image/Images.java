package org.example.piimages.daemon.image;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.attachment.Attachment;
import org.example.piimages.daemon.image.file.ImageCard;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.mount.ImageRecords;
import org.example.piimages.daemon.image.mount.LazyUnmounts;
import org.example.piimages.daemon.image.mount.MachineMounts;
import org.example.piimages.daemon.image.mount.MountPoints;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.image.mount.SharedMachineMounts;
import org.example.piimages.daemon.image.mount.UserMounts;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.block.LoopMarkers;
import org.example.piimages.daemon.linux.block.MappedDevice;
import org.example.piimages.daemon.linux.file.Event;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.MountTable;

/** The mounted images: mounts them, unmounts them, and finds them again after a restart. */
public final class Images {

    /** The most images that one user may have mounted; root is not limited. */
    public static final int LIMIT_PER_USER = 64;
    /** The most images that all users together, except root, may have mounted: loop devices are shared by the whole host. */
    public static final int LIMIT = 512;

    private final Map<String, ImageRecord> records = new ConcurrentHashMap<>();
    private final MountQuota quota;
    private final ImageLocks locks = new ImageLocks();
    private final SharedMachineMounts machineMounts = new SharedMachineMounts();
    private final LazyUnmounts lazyUnmounts = new LazyUnmounts();

    /** Creates an empty set; all UIDs of an account of {@code accounts} share the limit of one user. */
    public Images(SubordinateIds accounts) {
        this.quota = new MountQuota(accounts);
    }

    /** The locks of the images; held for every operation on an image, including a machine's mounts. */
    ImageLocks locks() {
        return locks;
    }

    /** The mounts of machines; the image's lock must be held. */
    SharedMachineMounts machineMounts() {
        return machineMounts;
    }

    /**
     * Mounts an image for its owner, or returns the existing mount if they have mounted it already.
     *
     * @param selection the partitions to mount
     * @throws Failure as the contract's MountImage
     */
    public ImageRecord mount(ImageFile file, Owner owner, boolean readOnly, PartitionSelection selection) throws IOException {
        return locks.withLock(file.identity(), () -> {
            ImageRecord mounted = records.get(file.identity());
            if (mounted != null && isMounted(mounted)) {
                AttachedVolume.requireSelected(mounted.volumes(), selection, file.title());
                return mounted.requireUsable(file, owner, readOnly);
            }
            if (mounted != null) {
                forget(mounted);
            }
            claim(file, readOnly || !file.isWritable());
            try {
                return mountFirst(file, owner, readOnly || !file.isWritable(), selection);
            } catch (Failure failure) {
                throw file.about(failure);
            }
        });
    }

    /**
     * Claims a file for a mount or a job; the image's lock must be held.
     *
     * @param readOnly whether others may read it at the same time
     * @throws Failure BUSY if it is in use
     */
    void claim(ImageFile file, boolean readOnly) throws IOException {
        lazyUnmounts.requireReleased(file);
        machineMounts.claim(file, readOnly);
    }

    /**
     * Holds an image file for a job, so that nobody else mounts or changes it. The open file holds it: closing the file releases it.
     *
     * @param writing whether the job changes it; otherwise others may read it too, and it may be mounted read-only
     * @throws Failure BUSY if it is mounted, runs as a machine, is attached or locked
     */
    public void hold(ImageFile file, boolean writing) throws IOException {
        locks.withLock(file.identity(), () -> {
            Optional<ImageRecord> mounted = find(file.identity());
            Optional<MachineMounts> machine = machineMounts.attached(file.identity());
            if (mounted.isPresent() && (writing || !mounted.get().readOnly())) {
                throw new Failure(Failure.Kind.BUSY, file.title() + " is mounted; unmount it first");
            }
            if (machine.isPresent() && (writing || !machine.get().readOnly())) {
                throw new Failure(Failure.Kind.BUSY, file.title() + " is running as a machine; terminate it first; see: piimagesctl"
                        + " machines");
            }
            if (mounted.isEmpty() && machine.isEmpty()) {
                claim(file, !writing);
            } else {
                file.lock(true);
            }
            return null;
        });
    }

    /**
     * Changes a mounted image, which cannot be unmounted meanwhile, and records the result.
     *
     * @param work gets the record and returns the changed one
     * @throws Failure NOT_MOUNTED, or as thrown by the work
     */
    public ImageRecord change(String id, Change work) throws IOException {
        return locks.withLock(id, () -> {
            ImageRecord record = find(id).orElseThrow(() -> new Failure(Failure.Kind.NOT_MOUNTED, "the image is no longer mounted"));
            ImageRecord changed = work.apply(record);
            RunDirectory.writeRecord(ImageRecords.DIRECTORY.resolve(id), changed.toProperties());
            records.put(id, changed);
            return changed;
        });
    }

    /** A change to a mounted image. */
    @FunctionalInterface
    public interface Change {
        ImageRecord apply(ImageRecord record) throws IOException;
    }

    private ImageRecord mountFirst(ImageFile file, Owner owner, boolean readOnly, PartitionSelection selection) throws IOException {
        UserMounts mounts = new UserMounts(owner, readOnly);
        // Forget images that other programs have unmounted: they must not count against the quota.
        all();
        try (Undo undo = quota.take(owner); Attachment attachment = Attachment.of(file, readOnly, selection, mounts.attributes())) {
            Path directory = MountPoints.create(file, owner);
            undo.add("remove " + directory, () -> MountPoints.remove(directory));
            long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            ImageRecord record = new ImageRecord(file.identity(), file.path(), owner, directory, readOnly, mounts.map(attachment.root()),
                    attachment.rule(), now, attachment.volumes(), attachment.notes());
            RunDirectory.writeRecord(ImageRecords.DIRECTORY.resolve(record.id()), record.toProperties());
            undo.add("remove the record", () -> RunDirectory.remove(ImageRecords.DIRECTORY.resolve(file.identity())));
            undo.add("unmount " + directory, () -> MountTable.detach(directory));
            attachment.root().attach(directory);
            List<String> notes = new ArrayList<>(attachment.notes());
            List<AttachedVolume> shown = mounts.attachOthers(attachment.volumes(), directory, notes::add);
            if (shown.size() < record.volumes().size()) {
                record = record.with(shown, notes);
                RunDirectory.writeRecord(ImageRecords.DIRECTORY.resolve(record.id()), record.toProperties());
            }
            records.put(record.id(), record);
            undo.commit();
            record.about(Event.done("mounted")).log("mounted {} for uid {} at {}", record.title(),
                    Integer.toUnsignedString(owner.uid()), directory);
            return record;
        }
    }

    /**
     * Unmounts an image and frees its loop devices.
     *
     * @param lazily whether to unmount it even if it is in use: no path leads to it then, and its loop devices are freed with the last user
     * @throws Failure BUSY, naming the users, if it is in use; everything is mounted as before then
     */
    public void unmount(String id, boolean lazily) throws IOException {
        locks.withLock(id, () -> {
            ImageRecord record = find(id).orElseThrow(() -> new Failure(Failure.Kind.NOT_MOUNTED, "the image is no longer mounted"));
            if (lazily) {
                detach(record);
            } else {
                UserMounts.detach(record);
            }
            forget(record);
            record.about(Event.done("unmounted")).log(lazily ? "unmounted {} lazily" : "unmounted {}", record.title());
            return null;
        });
    }

    private void detach(ImageRecord record) throws IOException {
        lazyUnmounts.add(record);
        quota.add(record.owner());
        MountTable.detach(record.mountPoint());
        sweepLazyUnmounts();
    }

    /** Removes the rest of an unmounted image. Failures are only logged: the owner asked for the unmount, and that is done. */
    private void forget(ImageRecord record) {
        try (Undo cleanUp = new Undo()) {
            cleanUp.add("remove the record", () -> RunDirectory.remove(ImageRecords.DIRECTORY.resolve(record.id())));
            record.devices().forEach(device -> cleanUp.add("remove the marker of " + device, () -> LoopMarkers.sweep(device)));
            cleanUp.add("remove " + record.mountPoint(), () -> MountPoints.remove(record.mountPoint()));
        }
        if (records.remove(record.id()) != null) {
            quota.release(record.owner());
        }
    }

    /** Returns a mounted image by its ID; empty if it is not mounted. */
    public Optional<ImageRecord> find(String id) throws IOException {
        ImageRecord record = records.get(id);
        return record != null && isMounted(record) ? Optional.of(record) : Optional.empty();
    }

    /** Returns all images that are mounted now. */
    public Collection<ImageRecord> all() throws IOException {
        sweepLazyUnmounts();
        List<ImageRecord> mounted = new ArrayList<>();
        for (ImageRecord record : records.values()) {
            if (isMounted(record)) {
                mounted.add(record);
            } else {
                forgetUnmounted(record);
            }
        }
        return mounted;
    }

    /** Returns the mounted cards. Cards that another program has unmounted are forgotten. */
    List<ImageRecord> cards() throws IOException {
        List<ImageRecord> cards = new ArrayList<>();
        for (ImageRecord record : records.values()) {
            if (ImageCard.isCard(record.id()) && isMounted(record)) {
                cards.add(record);
            } else if (ImageCard.isCard(record.id())) {
                forgetUnmounted(record);
            }
        }
        return cards;
    }

    /** Returns the cards that were unmounted lazily and are still in use. */
    List<ImageRecord> lazilyUnmountedCards() throws IOException {
        sweepLazyUnmounts();
        return lazyUnmounts.cards();
    }

    private void sweepLazyUnmounts() throws IOException {
        lazyUnmounts.sweep().forEach(gone -> quota.release(gone.owner()));
    }

    /**
     * Forgets an image that is not mounted any more. If its lock is taken, the operation that holds it is probably unmounting the image and
     * reports that itself.
     */
    private void forgetUnmounted(ImageRecord record) throws IOException {
        locks.tryRun(record.id(), () -> {
            if (record.equals(records.get(record.id())) && !isMounted(record)) {
                forget(record);
                record.about(Event.repaired("unmounted")).log("{} was unmounted by another program", record.title());
            }
        });
    }

    private static boolean isMounted(ImageRecord record) throws IOException {
        return MountTable.isMountPoint(record.mountPoint());
    }

    /** After a restart, reverts what a killed daemon left incomplete, and adopts the images that are completely mounted. */
    public void recover() throws IOException {
        lazyUnmounts.recover().forEach(record -> quota.add(record.owner()));
        for (ImageRecord record : ImageRecords.read()) {
            long mounts = MountTable.below(record.mountPoint()).size();
            if (mounts >= record.volumes().size()) {
                records.put(record.id(), record);
                quota.add(record.owner());
                record.about(Event.done("found")).log("found {} mounted at {}", record.title(), record.mountPoint());
            } else {
                MountTable.detach(record.mountPoint());
                forget(record);
                record.about(Event.repaired("undone")).log("{} was only partly mounted or unmounted; it is unmounted now", record.title());
            }
        }
        for (Path unrecorded : ImageRecords.unrecordedMounts(records.values())) {
            MountTable.detach(unrecorded);
            MountPoints.remove(unrecorded);
            Event.repaired("undone").with("MOUNT_POINT", unrecorded).log("{} was mounted without a record; it is unmounted now",
                    unrecorded);
        }
        MappedDevice.sweep();
        ImageRecords.unrecordedDirectories(records.values()).forEach(RunDirectory::removeIfEmpty);
        LoopMarkers.sweep();
    }
}
