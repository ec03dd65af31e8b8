package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.LastVolume;
import org.example.piimages.daemon.image.care.Subject;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.Credentials;

/**
 * Makes an image as small as its files allow, and a margin larger. What the image does on its first boot to fill the card is left as it is.
 */
public final class Shrink implements Work {

    /** What is left free when nobody says how much: bytes; room for the first boot to write its logs and keys. */
    public static final long DEFAULT_MARGIN = 64 << 20;

    private final Images images;
    private final Subject subject;
    private final long margin;

    /** A shrinking that leaves {@code margin} bytes free, more or less. */
    public Shrink(Images images, Subject subject, long margin) {
        this.images = images;
        this.subject = subject;
        this.margin = margin;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try {
            images.hold(subject.requireWritable().file(), true);
            LastVolume last = LastVolume.of(subject.file());
            progress.step("check", 0);
            require(last, subject.file(), subject.who(), progress);
            return shrink(new OfflineResize(subject, last), last, subject.file(), margin, progress);
        } catch (Failure failure) {
            throw subject.about(failure);
        }
    }

    /**
     * Refuses what cannot be shrunk, before anything is done.
     *
     * @param image in which the volume is
     * @param who as whom the tools run
     * @throws Failure UNSUPPORTED
     */
    public static void require(LastVolume last, ByteSource image, Credentials who, Progress progress) throws IOException {
        if (last.isBtrfs()) {
            BtrfsTools.requireInstalled(who);
            last.btrfsDevice(image);
        } else if (last.isExt()) {
            E2fsprogs.installed(who, progress).require(last.filesystem().extFeatures().orElseThrow());
        } else {
            throw last.unsupported("shrunk", "ext2, ext3, ext4 and btrfs");
        }
    }

    /** Does it. */
    public static Map<String, Object> shrink(OfflineResize resize, LastVolume last, ByteSource image, long margin, Progress progress)
            throws IOException {
        return last.isBtrfs() ? resize.shrinkBtrfs(last.btrfsDevice(image), margin, progress) : resize.shrink(margin, progress);
    }
}
