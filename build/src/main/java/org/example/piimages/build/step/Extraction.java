package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Archive;
import org.example.piimages.build.image.RootFolder;

/** Unpacks an archive into a folder of the image. */
record Extraction(Path archive, String to) implements Step.Action {

    private static final int USUAL_MODE = 0755;

    /** Unpacked here first, so that links of the image's are followed within it alone. */
    @Override
    public int perform(Draft draft) throws BuildException {
        try {
            Path folder = Files.createTempDirectory(draft.file().getParent(), "archive");
            try {
                Archive.unpack(archive, folder);
                // createTempDirectory has made it 0700, and the folder in the image would get that.
                RootFolder.setMode(folder, USUAL_MODE);
                return new Installation(folder, to, null).perform(draft);
            } finally {
                FileTree.delete(folder);
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot unpack " + archive + ": " + BuildException.reason(e));
        }
    }

    @Override
    public Step.Action held(Path folder) throws IOException {
        return new Extraction(HeldFile.copy(archive, folder), to);
    }
}
