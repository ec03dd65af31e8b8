package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.LoopDevice;
import org.example.piimages.daemon.linux.LoopMarkers;
import org.example.piimages.daemon.linux.MountTable;
import org.example.piimages.daemon.linux.Processes;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Undo;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mounted images: mounts them, unmounts them, and finds them again after a restart. */
public final class Images {

    /** How many images one user may have mounted; root is not limited. */
    public static final int LIMIT_PER_USER = 64;
    /** How many all users together may have mounted, root's apart: each takes loop devices, of which the whole host has one list. */
    public static final int LIMIT = 512;

    private static final Logger LOG = LoggerFactory.getLogger(Images.class);

    private final Map<String, ImageRecord> records = new ConcurrentHashMap<>();
    private final Quota<Integer> places = new Quota<>("images mounted", LIMIT_PER_USER, LIMIT, 1);
    private final ImageLocks locks = new ImageLocks();
    private final MachineViews machineViews = new MachineViews();

    /** One thing at a time on each image, a machine's mounts included. */
    ImageLocks locks() {
        return locks;
    }

    /** What machines have mounted for themselves; to be used with the image's lock held. */
    MachineViews machineViews() {
        return machineViews;
    }

    /**
     * Mounts an image for its owner, or returns it as it is when they have mounted it already.
     *
     * @throws Failure as the contract's MountImage
     */
    public ImageRecord mount(ImageFile file, Owner owner, boolean readOnly, boolean withBoot) throws IOException {
        return locks.holding(file.identity(), () -> {
            ImageRecord mounted = records.get(file.identity());
            if (mounted != null && isMounted(mounted)) {
                return sameAgain(mounted, file, owner, readOnly);
            }
            if (mounted != null) {
                forget(mounted);
            }
            machineViews.claim(file, readOnly || !file.isWritable());
            try {
                return mountFirst(file, owner, readOnly || !file.isWritable(), withBoot);
            } catch (Failure failure) {
                LoopMarkers.sweep();
                throw about(file, failure);
            }
        });
    }

    /** Failures from within the image speak of "the image" or "its filesystem"; here the file's name is put before them. */
    static Failure about(ImageFile file, Failure failure) {
        return new Failure(failure.kind(), file.title() + ": " + failure.getMessage(), failure.getCause());
    }

    static ImageRecord sameAgain(ImageRecord mounted, ImageFile file, Owner owner, boolean readOnly) {
        if (mounted.owner().uid() != owner.uid()) {
            throw new Failure(Failure.Kind.BUSY, file.title() + " is mounted by another user");
        }
        if (readOnly && !mounted.readOnly()) {
            throw new Failure(Failure.Kind.BUSY, file.title() + " is mounted for writing at " + mounted.mountPoint()
                    + "; unmount it to mount it read-only");
        }
        return mounted;
    }

    /** Takes a place among the images there may be, before anything else is done; the undo gives it back. */
    private Undo placeFor(Owner owner) {
        Undo undo = new Undo();
        if (!owner.isRoot()) {
            places.take(owner.uid(), 1);
            undo.add("give back a place", () -> places.give(owner.uid(), 1));
        }
        return undo;
    }

    /**
     * Holds an image file for a job, so that nobody else mounts or changes it. It is held by the open file: closing that lets go.
     *
     * @param writing whether the job changes it; otherwise others may read it too, and it may be mounted read-only
     * @throws Failure BUSY when it is mounted, runs as a machine, is attached or locked
     */
    public void hold(ImageFile file, boolean writing) throws IOException {
        locks.holding(file.identity(), () -> {
            Optional<ImageRecord> mounted = find(file.identity());
            Optional<MachineView> machine = machineViews.attached(file.identity());
            if (mounted.isPresent() && (writing || !mounted.get().readOnly())) {
                throw new Failure(Failure.Kind.BUSY, file.title() + " is mounted; unmount it first");
            }
            if (machine.isPresent() && (writing || !machine.get().readOnly())) {
                throw new Failure(Failure.Kind.BUSY, file.title() + " runs as a machine; end that first (piimagesctl machines"
                        + " shows which)");
            }
            if (mounted.isEmpty() && machine.isEmpty()) {
                machineViews.claim(file, !writing);
            } else {
                file.lock(true);
            }
            return null;
        });
    }

    /**
     * Does something to a mounted image that must not be unmounted meanwhile, and remembers what became of its volumes.
     *
     * @param work gets the record, and returns it as it is then
     * @throws Failure NOT_MOUNTED, and what the work throws
     */
    public ImageRecord change(String id, Change work) throws IOException {
        return locks.holding(id, () -> {
            ImageRecord record = find(id).orElseThrow(() -> new Failure(Failure.Kind.NOT_MOUNTED, "the image is not mounted any more"));
            ImageRecord changed = work.apply(record);
            RunFolder.writeRecord(ImageRecords.FOLDER.resolve(id), changed.toProperties());
            records.put(id, changed);
            return changed;
        });
    }

    /** A change to a mounted image. */
    @FunctionalInterface
    public interface Change {
        ImageRecord apply(ImageRecord record) throws IOException;
    }

    private ImageRecord mountFirst(ImageFile file, Owner owner, boolean readOnly, boolean withBoot) throws IOException {
        UserView view = new UserView(owner, readOnly);
        try (Undo undo = placeFor(owner); Attachment attachment = Attachment.of(file, readOnly, withBoot, view.attributes())) {
            Path folder = createMountPoint(file, owner);
            undo.add("remove " + folder, () -> removeMountPoint(folder));
            long now = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
            ImageRecord record = new ImageRecord(file.identity(), file.path(), owner, folder, readOnly, false, attachment.rule(), now,
                    attachment.volumes());
            RunFolder.writeRecord(ImageRecords.FOLDER.resolve(record.id()), record.toProperties());
            undo.add("remove the record", () -> Files.deleteIfExists(ImageRecords.FOLDER.resolve(record.id())));
            undo.add("unmount " + folder, () -> MountTable.unmount(folder, true));
            boolean mapped = view.attachRoot(attachment.root(), folder);
            view.attachOthers(attachment.volumes(), folder);
            ImageRecord complete = record.withIdMapped(mapped);
            RunFolder.writeRecord(ImageRecords.FOLDER.resolve(record.id()), complete.toProperties());
            records.put(complete.id(), complete);
            undo.commit();
            LOG.info("mounted {} for uid {} at {}", complete.title(), Integer.toUnsignedString(owner.uid()), folder);
            return complete;
        }
    }

    /** Under one lock with {@link #removeMountPoint}, which takes the user's folder away with the last of their images. */
    private static synchronized Path createMountPoint(ImageFile file, Owner owner) throws IOException {
        Path parent = RunFolder.createForUser(owner.uid());
        String name = MountPointName.of(file.path());
        for (int suffix = 1;; suffix++) {
            Path folder = parent.resolve(suffix == 1 ? name : name + "-" + suffix);
            try {
                return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                // An image of the same name in another folder.
            }
        }
    }

    /**
     * Unmounts an image and frees its loop devices.
     *
     * @throws Failure BUSY with who holds it; everything is mounted as before then
     */
    public void unmount(String id) throws IOException {
        locks.holding(id, () -> {
            ImageRecord record = find(id).orElseThrow(() -> new Failure(Failure.Kind.NOT_MOUNTED, "the image is not mounted any more"));
            List<Closeable> held = new ArrayList<>();
            try {
                for (AttachedVolume volume : record.volumes()) {
                    held.add(LoopDevice.hold(volume.device()));
                }
                MountTable.unmount(record.mountPoint(), false);
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EBUSY) {
                    throw e;
                }
                // The boot partition may be off already; its loop device is held, so it can go back.
                new UserView(record.owner(), record.readOnly()).attachOthers(record.volumes(), record.mountPoint());
                throw busy(record, e);
            } finally {
                for (Closeable device : held) {
                    device.close();
                }
            }
            forget(record);
            LOG.info("unmounted {}", record.title());
            return null;
        });
    }

    private static Failure busy(ImageRecord record, ErrnoException cause) throws IOException {
        String holders = Processes.holding(record.mountPoint()).stream()
                .map(holder -> holder.command() + " (pid " + holder.pid() + ", " + holder.file() + ")").collect(Collectors.joining(", "));
        return new Failure(Failure.Kind.BUSY, record.title() + " is in use"
                + (holders.isEmpty() ? "; a mount in another namespace may hold it" : " by " + holders), cause);
    }

    private static synchronized void removeMountPoint(Path folder) {
        RunFolder.removeIfEmpty(folder);
        RunFolder.removeIfEmpty(folder.getParent());
    }

    private void forget(ImageRecord record) throws IOException {
        removeMountPoint(record.mountPoint());
        Files.deleteIfExists(ImageRecords.FOLDER.resolve(record.id()));
        if (records.remove(record.id()) != null && !record.owner().isRoot()) {
            places.give(record.owner().uid(), 1);
        }
        LoopMarkers.sweep();
    }

    /** A mounted image by its id. Empty when it is not, or not any more, mounted. */
    public Optional<ImageRecord> find(String id) throws IOException {
        ImageRecord record = records.get(id);
        return record != null && isMounted(record) ? Optional.of(record) : Optional.empty();
    }

    /** Every image that is mounted now. */
    public Collection<ImageRecord> all() throws IOException {
        Set<Path> targets = MountTable.read().stream().map(MountTable.Entry::target).collect(Collectors.toSet());
        return records.values().stream().filter(record -> targets.contains(record.mountPoint())).toList();
    }

    private static boolean isMounted(ImageRecord record) throws IOException {
        return MountTable.read().stream().anyMatch(entry -> entry.target().equals(record.mountPoint()));
    }

    /**
     * Reads the records and makes them true: what a daemon that was killed had begun is taken back, what it had completed is found again.
     */
    public void recover() throws IOException {
        for (ImageRecord record : ImageRecords.read()) {
            long mounts = MountTable.below(record.mountPoint()).size();
            if (mounts >= record.volumes().size()) {
                records.put(record.id(), record);
                if (!record.owner().isRoot()) {
                    places.add(record.owner().uid(), 1);
                }
            } else {
                LOG.warn("{} was mounted or unmounted by halves: taking it back", record.title());
                MountTable.unmount(record.mountPoint(), true);
                forget(record);
            }
        }
        for (Path untold : ImageRecords.mountsOfNone(records.values())) {
            LOG.warn("{} is mounted and no record tells of it: unmounting it", untold);
            MountTable.unmount(untold, true);
            removeMountPoint(untold);
        }
        LoopMarkers.sweep();
    }
}
