package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Archive;
import org.example.piimages.build.image.RootDirectory;

/** The action that unpacks an archive into a directory of the image. */
record Extraction(Path archive, String to) implements Step.Action {

    private static final int USUAL_MODE = 0755;

    /** Unpacks the archive to a temporary directory first, so that symbolic links of the image are followed only within the image. */
    @Override
    public int perform(Draft draft) throws BuildException {
        try {
            Path directory = draft.makeDirectory();
            try {
                Archive.unpack(archive, directory);
                // Draft.makeDirectory sets mode 0700, which would be copied to the directory in the image.
                RootDirectory.setMode(directory, USUAL_MODE);
                return new Installation(directory, to, null).perform(draft);
            } finally {
                FileTree.delete(directory);
            }
        } catch (IOException e) {
            throw BuildException.failed("cannot unpack " + archive.getFileName() + ": " + BuildException.reason(e));
        }
    }

    @Override
    public Step.Action withCopiedFiles(Path directory) throws IOException {
        return new Extraction(FileCopy.content(archive, directory), to);
    }
}
