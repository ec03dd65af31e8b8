package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.LastVolume;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.table.ResizePlan;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.MountedBtrfs;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;

/**
 * Shrinks a btrfs filesystem with the kernel's online resize. btrfs keeps files in chunks of up to 1 GiB each that are seldom full; when
 * only resized, it runs out of space for new chunks long before the files no longer fit. Therefore a second device of the same size is
 * added, everything is moved there, the first device is reduced to the target size, and everything is moved back into new chunks, which are
 * small because the device is small.
 *
 * <p>The filesystem's UUID, its subvolumes and its device number do not change. The mount is detached, so that no path leads to it.
 */
final class BtrfsShrink {

    /** The smallest size of a device that the kernel accepts, in bytes. */
    static final long MIN_DEVICE_SIZE = 256L << 20;
    /** The granularity of sizes, in bytes, so that shrinking a filesystem again does not make it slightly smaller. */
    private static final long GRANULARITY = 16L << 20;
    private static final long MIN_GAIN = 2 * GRANULARITY;
    /** The space that the kernel requires besides the files, in bytes: its global reserve, and partly filled metadata and system chunks. */
    private static final long RESERVE = 128L << 20;
    private static final int ATTEMPTS = 3;

    private final JobImage jobImage;
    private final LastVolume last;
    private final long device;
    private final long margin;

    /**
     * Prepares the operation.
     *
     * @param device the device number (devid) of the filesystem's only device
     * @param margin the approximate free space afterwards, in bytes
     */
    BtrfsShrink(JobImage jobImage, LastVolume last, long device, long margin) {
        this.jobImage = jobImage;
        this.last = last;
        this.device = device;
        this.margin = margin;
    }

    /**
     * Returns the size, in bytes, of a filesystem in which the kernel has enough space to work.
     *
     * @param used the space that data and metadata take, in bytes; from an untrusted image, so that any value is possible
     * @param attempt the number of smaller sizes that failed
     */
    static long size(long used, int attempt) {
        long spare = used / 16 + RESERVE + attempt * (used / 8 + RESERVE);
        return Math.max(MIN_DEVICE_SIZE, (used + spare + GRANULARITY - 1) / GRANULARITY * GRANULARITY);
    }

    /**
     * Shrinks the filesystem.
     *
     * @param filesystem a copy of the filesystem, which is unusable if this fails
     * @param spareFile an empty file for the second device, whose contents are worthless afterwards
     * @return the required change of the partition; empty if the filesystem cannot be made noticeably smaller
     * @throws Failure FAILED if the kernel cannot shrink it, NO_SPACE if the directory of the files is too full, BUSY if a copy is mounted
     */
    Optional<ResizePlan> run(OpenFile filesystem, OpenFile spareFile, Progress progress) throws IOException {
        spareFile.truncate(last.partition().length());
        try (LoopDevice first = attach(filesystem); LoopDevice second = attach(spareFile)) {
            // Otherwise the kernel, which remembers devices by the filesystem's UUID, could treat an earlier use of the same loop devices
            // as part of this filesystem.
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
            btrfs.resize(device, MIN_DEVICE_SIZE);
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

    /** Moves everything back. Returns false if it does not fit and another attempt is allowed. */
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
        return LoopDevice.attach(file, 0, last.partition().length(), false, jobImage.file().path());
    }

    private Mount mount(LoopDevice first) throws IOException {
        List<String> options = new ArrayList<>(last.mountOptions());
        // discard: moved blocks become holes in the copy; skip_balance: a balance that the image's system has begun is not resumed.
        options.addAll(List.of("discard", "skip_balance"));
        return Mount.of(last.filesystem().type(), first.path(), options,
                EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES));
    }

    private Optional<ResizePlan> plan(long minimum) {
        ImageFile file = jobImage.file();
        long length = last.partition().length();
        long newLength = minimum >= length || margin >= length - minimum ? length : minimum + margin;
        ResizePlan plan = ResizePlan.toLength(file, last.table(), last.partition(), newLength);
        boolean worthwhile = plan.fileSize() <= file.size() - MIN_GAIN && plan.after().length() < last.filesystem().size();
        return worthwhile ? Optional.of(plan) : Optional.empty();
    }

    /** Requires space for writing everything twice: to the second device and back. */
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
            // EINVAL: the kernel cannot distinguish a mounted copy of the same filesystem from one of its devices.
            String hint = e.errno() == Errno.EINVAL ? "; if another copy of the image is mounted, unmount it first" : "";
            throw new Failure(Failure.Kind.BUSY, "the kernel adds no device to its btrfs filesystem: " + e.reason() + hint, e);
        }
    }
}
