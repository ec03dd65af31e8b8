package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.attachment.LastVolume;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.Credentials;

/**
 * Shrinks an image to the size of its files plus a margin. The system in it, including how it fills the card on its first boot, is not
 * changed.
 */
public final class Shrink implements Work {

    /** The default free space, in bytes: enough for the logs and keys that the first boot writes. */
    public static final long DEFAULT_MARGIN = 64 << 20;

    private final Images images;
    private final JobImage jobImage;
    private final long margin;

    /** Creates a job that shrinks the image and leaves about {@code margin} bytes free. */
    public Shrink(Images images, JobImage jobImage, long margin) {
        this.images = images;
        this.jobImage = jobImage;
        this.margin = margin;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try {
            images.hold(jobImage.requireWritable().file(), true);
            LastVolume last = LastVolume.of(jobImage.file());
            progress.step("check", 0);
            require(last, jobImage.file(), jobImage.credentials(), progress);
            return shrink(new OfflineResize(jobImage, last), last, jobImage.file(), margin, progress);
        } catch (Failure failure) {
            throw jobImage.about(failure);
        }
    }

    /**
     * Refuses a filesystem that cannot be shrunk; to be called before anything is changed.
     *
     * @param image the image that contains the volume
     * @param credentials the credentials that the tools run with
     * @throws Failure UNSUPPORTED
     */
    public static void require(LastVolume last, ByteSource image, Credentials credentials, Progress progress) throws IOException {
        if (last.isBtrfs()) {
            BtrfsTools.requireInstalled(credentials);
            last.btrfsDevice(image);
        } else if (last.isExt()) {
            E2fsprogs.installed(credentials, progress).require(last.filesystem().extFeatures().orElseThrow());
        } else {
            throw last.unsupported("shrunk", "ext2, ext3, ext4 and btrfs");
        }
    }

    /** Shrinks the filesystem and returns the result of the job. */
    public static Map<String, Object> shrink(OfflineResize resize, LastVolume last, ByteSource image, long margin, Progress progress)
            throws IOException {
        return last.isBtrfs() ? resize.shrinkBtrfs(last.btrfsDevice(image), margin, progress) : resize.shrink(margin, progress);
    }
}
