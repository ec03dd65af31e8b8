package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.attachment.LastVolume;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.table.ResizePlan;
import org.example.piimages.daemon.image.table.SectorWrite;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.OnlineResize;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.daemon.linux.process.Capability;
import org.example.piimages.daemon.linux.process.RunningCommand;
import org.example.piimages.libc.Fd;

/**
 * Grows an image: the file, its last partition, and the filesystem in it.
 *
 * <table>
 * <caption>The state that a power cut leaves after each step; running the same command again resumes from there</caption>
 * <tr><td>check</td><td>the original image</td></tr>
 * <tr><td>extend</td><td>a file with unused space at its end</td></tr>
 * <tr><td>table</td><td>a partition that is larger than its filesystem</td></tr>
 * <tr><td>resize</td><td>a sound filesystem of any size in between, because the kernel grows it through its journal</td></tr>
 * </table>
 *
 * <p>Where the kernel cannot grow the mounted filesystem (in a container without CAP_SYS_RESOURCE, or without a journal),
 * {@link OfflineResize} works on a copy.
 */
public final class Grow implements Work {

    /** The added length divided by this exceeds the size of the bitmaps and descriptors that growing writes immediately. */
    private static final long METADATA_DIVISOR = 1024;
    private static final long MIN_METADATA = 4 << 20;

    private final Images images;
    private final JobImage jobImage;
    private final Growth growth;

    /** Creates a job that grows the image. */
    public Grow(Images images, JobImage jobImage, Growth growth) {
        this.images = images;
        this.jobImage = jobImage;
        this.growth = growth;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        ImageFile file = jobImage.requireWritable().file();
        try {
            if (growIfMounted(file, progress)) {
                return result(file);
            }
            images.hold(file, true);
            LastVolume last = LastVolume.of(file);
            ResizePlan plan = plan(last);
            progress.step("check", 0);
            if (last.isExt()) {
                E2fsprogs.installed(jobImage.credentials(), progress).require(last.filesystem().extFeatures().orElseThrow());
            }
            if (!canGrowMounted(last)) {
                requireFile(last);
                return new OfflineResize(jobImage, last).grow(plan, progress);
            }
            requireSpace(plan);
            requireSound(last, plan, progress);
            progress.ready(outcome(plan));
            progress.commit();
            enlarge(plan, file.file(), progress);
            writeTable(plan, file.file(), progress);
            growFilesystem(last, plan, progress);
            if (file.card().isPresent()) {
                file.file().rereadPartitions();
            }
            return result(file);
        } catch (Failure failure) {
            throw jobImage.about(failure);
        } catch (IOException e) {
            throw jobImage.about(e);
        }
    }

    /** Grows the image if it is mounted; returns false if it is not. */
    private boolean growIfMounted(ImageFile file, Progress progress) throws IOException {
        Optional<ImageRecord> mounted = images.find(file.identity());
        try {
            if (mounted.isPresent()) {
                images.change(mounted.get().id(), record -> growMounted(record, progress));
            }
            return mounted.isPresent();
        } catch (Failure failure) {
            // It was unmounted after the lookup.
            if (failure.kind() == Failure.Kind.NOT_MOUNTED) {
                return false;
            }
            throw failure;
        }
    }

    private static Map<String, Object> result(ImageFile file) throws IOException {
        return Map.of("size", file.file().length());
    }

    private static Map<String, Object> outcome(ResizePlan plan) {
        return Map.of("size", plan.fileSize());
    }

    private ResizePlan plan(LastVolume last) {
        return growth.plan(jobImage.file(), last);
    }

    private void requireFile(LastVolume last) {
        if (jobImage.file().card().isPresent()) {
            throw new Failure(Failure.Kind.UNSUPPORTED,
                    last.title() + " is grown in a copy on this host, which a card has no space for; back"
                            + " the card up with piimagesctl read, grow the file, and write it");
        }
    }

    /**
     * Whether the kernel can grow the filesystem while it is mounted, so that no copy is needed.
     *
     * @throws Failure UNSUPPORTED if it cannot be grown at all
     */
    private static boolean canGrowMounted(LastVolume last) throws IOException {
        return switch (last.filesystem().type()) {
            // The ioctl of btrfs requires CAP_SYS_ADMIN, which the daemon always has; that of ext4 requires CAP_SYS_RESOURCE.
            case "btrfs" -> true;
            case "ext2", "ext3", "ext4" -> last.filesystem().extFeatures().orElseThrow().hasJournal() && Capability.SYS_RESOURCE.isHeld();
            case "f2fs" -> false;
            default -> throw last.unsupported("grown", "ext2, ext3, ext4, btrfs and f2fs");
        };
    }

    private void requireSpace(ResizePlan plan) throws IOException {
        if (jobImage.file().card().isPresent()) {
            return;
        }
        long needed = MIN_METADATA + (plan.after().length() - plan.before().length()) / METADATA_DIVISOR;
        long free = jobImage.file().file().freeBytes();
        if (free < needed) {
            throw new Failure(Failure.Kind.NO_SPACE,
                    "the filesystem of its directory has " + free + " bytes left, but growing writes about " + needed
                            + " bytes; the rest of the growth is a hole");
        }
    }

    /** Requires a filesystem without errors. The journal is replayed before by a mount, because e2fsck would report errors otherwise. */
    private void requireSound(LastVolume last, ResizePlan plan, Progress progress) throws IOException {
        if (!last.isExt()) {
            return;
        }
        if (last.filesystem().needsRecovery()) {
            // Replaying the journal changes the image, so a dry run has to end before.
            progress.ready(outcome(plan));
            withMount(last, last.partition().length(), directory -> {});
        }
        RunningCommand.Ended ended;
        try (PartitionInput input = PartitionInput.of(jobImage.file(), last.partition(), jobImage.credentials(), true)) {
            ended = E2fsprogs.check(input, progress, "-f", "-n");
        }
        if (ended.status() != 0) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, last.title() + " has errors, so it is not grown; to repair it: piimagesctl"
                    + " check --repair; e2fsck: " + ended.reason());
        }
    }

    private static void enlarge(ResizePlan plan, OpenFile file, Progress progress) throws IOException {
        if (plan.fileSize() > file.length()) {
            progress.step("extend", 0);
            file.truncate(plan.fileSize());
            file.sync();
        }
    }

    /**
     * Writes the partition table.
     *
     * @param file the file of the image, or the card opened for writing
     */
    private void writeTable(ResizePlan plan, OpenFile file, Progress progress) throws IOException {
        progress.step("table", 0);
        for (SectorWrite write : plan.writes()) {
            jobImage.file().requirePresent();
            file.write(write.offset(), write.bytes());
            file.sync();
        }
    }

    private void growFilesystem(LastVolume last, ResizePlan plan, Progress progress) throws IOException {
        progress.step("resize", 0);
        withMount(last, plan.after().length(), directory -> resize(last, plan.after(), directory));
        progress.step("sync", 0);
        jobImage.file().file().sync();
    }

    /** An operation on a mounted filesystem, through a descriptor of any directory of it. */
    @FunctionalInterface
    private interface Mounted {
        void use(Fd directory) throws IOException;
    }

    /** Mounts the last filesystem detached, so that no path leads to it, and runs {@code work} on it. */
    private void withMount(LastVolume last, long length, Mounted work) throws IOException {
        jobImage.file().requirePresent();
        Partition partition = last.partition();
        try (LoopDevice device = LoopDevice.attach(jobImage.file().file(), partition.start(), length, false, jobImage.file().label());
                Mount mount = Mount.of(last.filesystem().type(), device.path(), last.mountOptions(),
                        EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES))) {
            work.use(mount.root());
            jobImage.file().detachIfRemoved(device);
        }
    }

    private void resize(LastVolume last, Partition after, Fd directory) throws IOException {
        if (last.isExt()) {
            OnlineResize.ext(directory, after.length() / LastVolume.extBlockSize(jobImage.file(), after));
        } else {
            OnlineResize.btrfs(directory);
        }
    }

    /** Grows a mounted image. Called with the image's lock, as the record, the loop device and the mounted filesystem change together. */
    private ImageRecord growMounted(ImageRecord record, Progress progress) throws IOException {
        if (record.owner().uid() != jobImage.credentials().uid() && !jobImage.credentials().isRoot()) {
            throw new Failure(Failure.Kind.BUSY, "it is mounted by another user");
        }
        if (record.readOnly()) {
            throw new Failure(Failure.Kind.BUSY, "it is mounted read-only; unmount it first");
        }
        LastVolume last = LastVolume.of(jobImage.file());
        if (last.partition().number() != record.rootNumber()) {
            throw new Failure(Failure.Kind.BUSY, "it is mounted, and " + last.title() + " to be grown is not the root; unmount it first");
        }
        ResizePlan plan = plan(last);
        if (!canGrowMounted(last)) {
            throw new Failure(Failure.Kind.BUSY,
                    "it is mounted, and on this host it can be grown only while it is not mounted; unmount it first");
        }
        requireSpace(plan);
        progress.ready(outcome(plan));
        progress.commit();
        growTable(record, plan, progress);
        progress.step("resize", 0);
        try (Fd directory = DirectoryTree.open(record.mountPoint())) {
            resize(last, plan.after(), directory);
        }
        return record.withRootLength(plan.after().length());
    }

    /** Extends the loop device before the table, as the kernel may refuse it; until the table is written, it only exceeds its partition. */
    private void growTable(ImageRecord record, ResizePlan plan, Progress progress) throws IOException {
        ImageFile image = jobImage.file();
        enlarge(plan, image.file(), progress);
        LoopDevice.extend(record.rootDevice(), plan.after().length());
        if (image.card().isEmpty()) {
            writeTable(plan, image.file(), progress);
            return;
        }
        // The card of a mounted image is open only for reading.
        try (OpenFile card = image.openForChange()) {
            writeTable(plan, card, progress);
        }
    }
}
