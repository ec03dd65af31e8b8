package org.example.piimages.daemon.image.care.filesystem;

import java.io.IOException;
import java.util.Map;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.CallerDirectory;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;

/** The directory of an image that is replaced by the result. */
final class ReplacingDirectory implements ResizeDirectory {

    private final CallerDirectory directory;
    private final Undo created = new Undo();

    private ReplacingDirectory(CallerDirectory directory) {
        this.directory = directory;
    }

    static ReplacingDirectory of(JobImage jobImage) throws IOException {
        return new ReplacingDirectory(CallerDirectory.ofFile(jobImage.file().file(), jobImage.credentials()));
    }

    @Override
    public OpenFile scratch() throws IOException {
        return directory.scratch();
    }

    @Override
    public OpenFile create() throws IOException {
        OpenFile image = directory.create();
        created.add("close the new image", image::close);
        return image;
    }

    @Override
    public void take(OpenFile image, Map<String, Object> outcome, Progress progress) throws IOException {
        progress.ready(outcome);
        progress.commit();
        progress.step("replace", 0);
        directory.replace(image);
    }

    @Override
    public void close() {
        created.close();
        directory.close();
    }
}
