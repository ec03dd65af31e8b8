package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.LastVolume;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.table.ResizePlan;
import org.example.piimages.daemon.image.table.SectorWrite;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.FileCopy;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.process.Command;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * Resizes the filesystem in the last partition in a copy of the image, which replaces the image when it is complete. The tools move blocks
 * without a journal, so that a power cut during an operation in place would lose files. The kernel moves blocks of btrfs in transactions,
 * but an attempt that fails halfway would be left in the image.
 *
 * <p>The filesystem is copied to a file of its own, on which the tools work with only its owner's privileges, and is then copied behind the
 * preceding parts of the image. Neither file has a name: if the job is interrupted, nothing is left of them. Where the directory's
 * filesystem supports reflinks (btrfs, xfs), the copies take no space.
 */
public final class OfflineResize {

    private final JobImage jobImage;
    private final LastVolume last;
    private final ResizeDirectory.Opening opening;

    /** Creates an operation whose result replaces the image. */
    public OfflineResize(JobImage jobImage, LastVolume last) {
        this(jobImage, last, () -> ReplacingDirectory.of(jobImage));
    }

    /** Creates an operation whose result is passed to {@link ResizeDirectory#take}. */
    public OfflineResize(JobImage jobImage, LastVolume last, ResizeDirectory.Opening opening) {
        this.jobImage = jobImage;
        this.last = last;
        this.opening = opening;
    }

    /** Grows the filesystem to the length of the plan's partition. */
    Map<String, Object> grow(ResizePlan plan, Progress progress) throws IOException {
        try (ResizeDirectory directory = opening.open();
                OpenFile filesystem = copyOut(directory, progress)) {
            progress.step("resize", 0);
            filesystem.truncate(plan.after().length());
            resize(filesystem, plan.after().length(), progress);
            return complete(directory, filesystem, plan, progress);
        }
    }

    /**
     * Shrinks the filesystem to its minimum size plus a margin.
     *
     * @param margin in bytes
     */
    Map<String, Object> shrink(long margin, Progress progress) throws IOException {
        try (ResizeDirectory directory = opening.open();
                OpenFile filesystem = copyOut(directory, progress)) {
            progress.step("resize", 0);
            E2fsprogs.resize(filesystem, jobImage.credentials(), progress, "-M", Command.INPUT).requireSuccess();
            long minimum = filesystem.length();
            ImageFile file = jobImage.file();
            long newLength = Math.min(minimum + margin, last.partition().length());
            ResizePlan plan = ResizePlan.toLength(file, last.table(), last.partition(), newLength);
            if (plan.fileSize() >= file.size()) {
                return Map.of("size", file.size());
            }
            filesystem.truncate(plan.after().length());
            resize(filesystem, plan.after().length(), progress);
            return complete(directory, filesystem, plan, progress);
        }
    }

    /**
     * Shrinks a btrfs filesystem to slightly more than the size of its files, plus a margin.
     *
     * @param device the device number (devid) in the filesystem
     * @param margin in bytes
     */
    Map<String, Object> shrinkBtrfs(long device, long margin, Progress progress) throws IOException {
        try (ResizeDirectory directory = opening.open();
                OpenFile filesystem = copyOut(directory, progress); OpenFile spareFile = directory.scratch()) {
            progress.step("resize", 0);
            Optional<ResizePlan> plan = new BtrfsShrink(jobImage, last, device, margin).run(filesystem, spareFile, progress);
            if (plan.isEmpty()) {
                return Map.of("size", jobImage.file().size());
            }
            filesystem.truncate(plan.get().after().length());
            return complete(directory, filesystem, plan.get(), progress);
        }
    }

    private void resize(OpenFile filesystem, long length, Progress progress) throws IOException {
        if (last.isF2fs()) {
            F2fsTools.resize(filesystem, jobImage.credentials(), progress);
            return;
        }
        if (!last.isExt()) {
            throw last.unsupported("resized", "ext2, ext3, ext4 and f2fs");
        }
        try (OpenFile reopened = filesystem.reopen(); ImageFile view = new ImageFile(reopened, jobImage.file().path())) {
            long blockSize = LastVolume.extBlockSize(view, new Partition(0, 0, length, "", "", "", false, -1));
            E2fsprogs.resize(filesystem, jobImage.credentials(), progress, Command.INPUT,
                    String.valueOf(length / blockSize)).requireSuccess();
        }
    }

    private OpenFile copyOut(ResizeDirectory directory, Progress progress) throws IOException {
        Partition partition = last.partition();
        progress.step("copy", partition.length());
        OpenFile filesystem = directory.scratch();
        boolean complete = false;
        try {
            new FileCopy(jobImage.file().file(), filesystem, jobImage.credentials()).range(partition.start(), 0, partition.length(),
                    progress::advance);
            progress.step("check", 0);
            check(filesystem, progress);
            complete = true;
            return filesystem;
        } finally {
            if (!complete) {
                filesystem.close();
            }
        }
    }

    private void check(OpenFile filesystem, Progress progress) throws IOException {
        if (!last.isExt()) {
            requireSound(filesystem, progress);
            return;
        }
        // Replays the journal and makes safe repairs; resize2fs requires a filesystem that e2fsck -f has checked.
        RunningCommand.Ended ended = E2fsprogs.check(filesystem, 0, jobImage.credentials(), progress, "-f", "-p");
        // Exit status 1: all errors were corrected.
        if (ended.status() > 1) {
            throw new Failure(Failure.Kind.INVALID_IMAGE,
                    last.title() + " has errors, so it is not resized; to repair it: piimagesctl check"
                            + " --repair; e2fsck: " + ended.reason());
        }
    }

    private void verify(OpenFile filesystem, Progress progress) throws IOException {
        if (last.isExt()) {
            E2fsprogs.check(filesystem, 0, jobImage.credentials(), progress, "-f", "-n").requireSuccess();
        } else {
            requireSound(filesystem, progress);
        }
    }

    private void requireSound(OpenFile filesystem, Progress progress) throws IOException {
        if (last.isBtrfs()) {
            BtrfsTools.requireSound(filesystem, last.title(), jobImage.credentials(), progress);
        } else if (last.isF2fs()) {
            F2fsTools.requireSound(filesystem, jobImage.credentials(), progress);
        } else {
            throw last.unsupported("resized", "ext2, ext3, ext4, btrfs and f2fs");
        }
    }

    private Map<String, Object> complete(ResizeDirectory directory, OpenFile filesystem, ResizePlan plan, Progress progress)
            throws IOException {
        progress.step("verify", 0);
        verify(filesystem, progress);
        long start = plan.before().start();
        progress.step("assemble", start + plan.after().length());
        OpenFile image = directory.create();
        new FileCopy(jobImage.file().file(), image, jobImage.credentials()).range(0, 0, start, progress::advance);
        new FileCopy(filesystem, image, jobImage.credentials()).range(0, start, filesystem.length(), progress::advance);
        image.truncate(plan.fileSize());
        for (SectorWrite write : plan.writes()) {
            image.write(write.offset(), write.bytes());
        }
        progress.step("sync", 0);
        image.sync();
        Map<String, Object> outcome = Map.of("size", plan.fileSize());
        directory.take(image, outcome, progress);
        return outcome;
    }
}
