package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.image.LastVolume;
import org.example.piimages.daemon.image.care.Subject;
import org.example.piimages.daemon.image.table.ResizePlan;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.MountedBtrfs;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;

/**
 * Lets the kernel make a btrfs small. It keeps files in chunks, of up to 1 GiB each, that are seldom full; asked for a smaller size alone,
 * it finds no room for new chunks long before the files would not fit. So a second device is added, as large as the first: everything moves
 * there, the first becomes as small as it is to be, and everything moves back into new chunks, which are small as the device then is.
 *
 * <p>The filesystem's identity, its subvolumes and the number of its device stay what they are. No path leads to the mount.
 */
final class BtrfsShrink {

    /** The kernel takes nothing smaller for a device: bytes. */
    static final long LEAST_DEVICE = 256L << 20;
    /** Sizes are multiples of this, so that a filesystem that was made small once is not made a little smaller the next time. */
    private static final long STEP = 16L << 20;
    private static final long NOT_WORTH_IT = 2 * STEP;
    /** What the kernel wants for itself: its reserve, and chunks of metadata and of the system that are never full. */
    private static final long RESERVE = 128L << 20;
    private static final int ATTEMPTS = 3;

    private final Subject subject;
    private final LastVolume last;
    private final long device;
    private final long margin;

    /**
     * To shrink it.
     *
     * @param device the number that the filesystem has for its only device
     * @param margin what is to be free then, in bytes, more or less
     */
    BtrfsShrink(Subject subject, LastVolume last, long device, long margin) {
        this.subject = subject;
        this.last = last;
        this.device = device;
        this.margin = margin;
    }

    /**
     * The size of a filesystem, in bytes, in which the kernel has room to work.
     *
     * @param used what its data and metadata take, in bytes; whatever an image claims
     * @param attempt how many smaller sizes it has failed with
     */
    static long size(long used, int attempt) {
        long room = used / 16 + RESERVE + attempt * (used / 8 + RESERVE);
        return Math.max(LEAST_DEVICE, (used + room + STEP - 1) / STEP * STEP);
    }

    /**
     * Does it.
     *
     * @param filesystem a copy of it, which is of no use when this fails
     * @param room an empty file, which is of no use afterwards
     * @return how the partition is to change; empty when the filesystem is as small already
     * @throws Failure FAILED when the kernel cannot do it, NO_SPACE when the files' directory has none, BUSY when a copy is mounted
     */
    Optional<ResizePlan> run(OpenFile filesystem, OpenFile room, Progress progress) throws IOException {
        room.truncate(last.partition().length());
        try (LoopDevice first = attach(filesystem); LoopDevice second = attach(room)) {
            // What the kernel remembers of devices that had these numbers before would be taken for a part of the filesystem.
            MountedBtrfs.forget(first);
            MountedBtrfs.forget(second);
            try (Mount mount = mount(first); MountedBtrfs btrfs = MountedBtrfs.of(mount.root())) {
                return shrink(btrfs, second, filesystem, progress);
            } finally {
                MountedBtrfs.forget(first);
                MountedBtrfs.forget(second);
            }
        }
    }

    private Optional<ResizePlan> shrink(MountedBtrfs btrfs, LoopDevice second, OpenFile filesystem, Progress progress)
            throws IOException {
        long used = btrfs.usedBytes();
        Optional<ResizePlan> plan = plan(size(used, 0));
        if (plan.isEmpty()) {
            return plan;
        }
        requireSpace(filesystem, used);
        try {
            add(btrfs, second);
            btrfs.resize(device, LEAST_DEVICE);
            for (int attempt = 1; plan.isPresent() && !fits(btrfs, second, plan.get(), attempt, progress); attempt++) {
                plan = plan(size(used, attempt));
            }
            btrfs.sync();
            return plan;
        } catch (ErrnoException e) {
            throw new Failure(e.errno() == Errno.ENOSPC ? Failure.Kind.NO_SPACE : Failure.Kind.FAILED,
                    "the kernel cannot shrink its btrfs filesystem: " + e.reason()
                            + "; a larger --margin may help, and so may space in the image's directory",
                    e);
        }
    }

    /** Moves everything back. False when it did not all fit, and more attempts may be made. */
    private boolean fits(MountedBtrfs btrfs, LoopDevice second, ResizePlan plan, int attempt, Progress progress) throws IOException {
        progress.step("resize", 0);
        try {
            btrfs.resize(device, plan.after().length());
            btrfs.remove(second);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOSPC && attempt < ATTEMPTS) {
                return false;
            }
            throw e;
        }
    }

    private LoopDevice attach(OpenFile file) throws IOException {
        return LoopDevice.attach(file, 0, last.partition().length(), false, subject.file().path());
    }

    private Mount mount(LoopDevice first) throws IOException {
        List<String> options = new ArrayList<>(last.mountOptions());
        // What was moved away becomes a hole in the copy; and a balance that the image's system has begun does not go on.
        options.addAll(List.of("discard", "skip_balance"));
        return Mount.of(last.filesystem().type(), first.path(), options,
                EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES));
    }

    private Optional<ResizePlan> plan(long least) {
        ImageFile file = subject.file();
        long length = last.partition().length();
        long wanted = least >= length || margin >= length - least ? length : least + margin;
        ResizePlan plan = ResizePlan.toLength(file, last.table(), last.partition(), wanted);
        boolean worth = plan.fileSize() <= file.size() - NOT_WORTH_IT && plan.after().length() < last.filesystem().size();
        return worth ? Optional.of(plan) : Optional.empty();
    }

    /** Everything is written twice, to the second device and back. */
    private static void requireSpace(OpenFile filesystem, long used) throws IOException {
        long free = filesystem.freeBytes();
        if (free < 2 * used) {
            throw new Failure(Failure.Kind.NO_SPACE, "the filesystem of its directory has " + free + " bytes left, but shrinking btrfs"
                    + " writes about " + 2 * used + " bytes");
        }
    }

    private static void add(MountedBtrfs btrfs, LoopDevice second) throws IOException {
        try {
            btrfs.add(second);
        } catch (ErrnoException e) {
            // The kernel does not tell a mounted copy of the same filesystem from a device of it.
            String hint = e.errno() == Errno.EINVAL ? "; if another copy of the image is mounted, unmount it first" : "";
            throw new Failure(Failure.Kind.BUSY, "the kernel adds no device to its btrfs filesystem: " + e.reason() + hint, e);
        }
    }
}
