package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.image.LastVolume;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;

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
            if (last.isBtrfs()) {
                BtrfsTools.requireInstalled(subject.who());
                return new OfflineResize(subject, last).shrinkBtrfs(last.btrfsDevice(subject.file()), margin, progress);
            }
            if (!last.isExt()) {
                throw last.unsupported("shrunk", "ext2, ext3, ext4 and btrfs");
            }
            E2fsprogs.installed(subject.who(), progress).require(last.filesystem().extFeatures().orElseThrow());
            return new OfflineResize(subject, last).shrink(margin, progress);
        } catch (Failure failure) {
            throw subject.about(failure);
        }
    }
}
