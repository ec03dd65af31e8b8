package org.example.piimages.daemon.image.care;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.Undo;

/** Files that belong together and that a job creates for a user. If the job fails, none of them is left. */
public final class NewFiles implements Closeable {

    private final Credentials credentials;
    private final List<NewFile> files = new ArrayList<>();

    public NewFiles(Credentials credentials) {
        this.credentials = credentials;
    }

    /** Creates a file, which is closed together with all others. Throws Failure like {@link NewFile#at}. */
    public NewFile add(String path) throws IOException {
        NewFile file = NewFile.at(path, credentials);
        files.add(file);
        return file;
    }

    /** Links the files to their names like {@link NewFile#completeAs}; the first one last, so that once it exists all others exist too. */
    public void completeAs(JobImage jobImage) throws IOException {
        try (Undo undo = new Undo()) {
            for (int i = files.size() - 1; i >= 0; i--) {
                NewFile file = files.get(i);
                // Registered first, because linking can fail after the name exists: when the directory is synced.
                undo.add("remove " + file.title(), file::unlink);
                complete(file, jobImage);
            }
            undo.commit();
        }
    }

    private static void complete(NewFile file, JobImage jobImage) throws IOException {
        try {
            file.completeAs(jobImage);
        } catch (Failure failure) {
            throw new Failure(failure.kind(), file.title() + ": " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        files.forEach(NewFile::close);
    }
}
