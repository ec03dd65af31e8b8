package org.example.piimages.daemon.image.care.filesystem;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.OpenFile;

/** The directory of the files that a resize works on, and the use of the resulting image. Closing it removes all files but that image. */
public interface ResizeDirectory extends Closeable {

    /** Opens the directory. */
    @FunctionalInterface
    interface Opening {
        /** Opens the directory, which the caller closes. */
        ResizeDirectory open() throws IOException;
    }

    /**
     * Creates a scratch file, which the caller closes.
     *
     * @throws Failure ACCESS_DENIED if the user may not write to the directory; FAILED
     */
    OpenFile scratch() throws IOException;

    /** Creates the file for the result, which is closed together with this directory. Throws Failure like {@link #scratch}. */
    OpenFile create() throws IOException;

    /**
     * Accepts the result, the file of {@link #create}, which is complete and synced to disk.
     *
     * @param outcome the result of the job
     */
    void take(OpenFile image, Map<String, Object> outcome, Progress progress) throws IOException;
}
