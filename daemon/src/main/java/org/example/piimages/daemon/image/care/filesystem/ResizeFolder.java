package org.example.piimages.daemon.image.care.filesystem;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.OpenFile;

/** Where the files are that a resize works on, and what becomes of the image that results. Closing it leaves none of them but that one. */
public interface ResizeFolder extends Closeable {

    /** How it is come by. */
    @FunctionalInterface
    interface Opening {
        /** Opens it. */
        ResizeFolder open() throws IOException;
    }

    /**
     * Makes a file to work in, which the caller closes.
     *
     * @throws Failure ACCESS_DENIED when the user may not write to the folder; FAILED
     */
    OpenFile scratch() throws IOException;

    /** Makes the file that the result is to be, which is closed with this unless it was taken; throws Failure as scratch. */
    OpenFile create() throws IOException;

    /**
     * Takes the result, the file of {@link #create}: it is complete, and on the disk.
     *
     * @param outcome what the resize has to tell
     */
    void take(OpenFile image, Map<String, Object> outcome, Progress progress) throws IOException;
}
