package org.example.piimages.daemon.image.care;

import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.Images;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.job.Work;
import org.example.piimages.daemon.linux.file.FileCopy;
import org.example.piimages.daemon.linux.file.OpenFile;

/** Copies an image: as a reflink where the filesystem supports it, elsewhere only its data, leaving holes. */
public final class Copy implements Work {

    private final Images images;
    private final JobImage jobImage;
    private final String target;

    /** Creates a job that copies the image to the path {@code target}, which must not exist. */
    public Copy(Images images, JobImage jobImage, String target) {
        this.images = images;
        this.jobImage = jobImage;
        this.target = target;
    }

    @Override
    public Map<String, Object> run(Progress progress) throws IOException {
        try (NewFile copy = NewFile.at(target, jobImage.credentials())) {
            images.hold(jobImage.file(), false);
            OpenFile source = jobImage.file().file();
            long size = source.length();
            progress.step("copy", size);
            new FileCopy(source, copy.file(), jobImage.credentials()).range(0, 0, size, progress::advance);
            progress.step("sync", 0);
            copy.file().sync();
            Map<String, Object> outcome = Map.of("size", size);
            progress.ready(outcome);
            progress.commit();
            copy.completeAs(jobImage);
            return outcome;
        } catch (Failure failure) {
            throw jobImage.about(failure);
        }
    }
}
