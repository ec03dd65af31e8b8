package org.example.piimages.daemon.image.care;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.Undo;

/** Files that a job makes for a user and that belong together: a failure leaves none of them. */
public final class NewFiles implements Closeable {

    private final Credentials who;
    private final List<NewFile> files = new ArrayList<>();

    public NewFiles(Credentials who) {
        this.who = who;
    }

    /** Makes one; throws Failure as {@link NewFile#at}. It is closed with all of them. */
    public NewFile add(String path) throws IOException {
        NewFile file = NewFile.at(path, who);
        files.add(file);
        return file;
    }

    /** Gives them their names as {@link NewFile#completeAs}, the first one last: who sees that has all others. */
    public void completeAs(Subject subject) throws IOException {
        try (Undo undo = new Undo()) {
            for (int i = files.size() - 1; i >= 0; i--) {
                NewFile file = files.get(i);
                // A failure can come after the name was given, when it is written to the disk.
                undo.add("remove " + file.title(), file::withdraw);
                complete(file, subject);
            }
            undo.commit();
        }
    }

    private static void complete(NewFile file, Subject subject) throws IOException {
        try {
            file.completeAs(subject);
        } catch (Failure failure) {
            throw new Failure(failure.kind(), file.title() + ": " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() {
        files.forEach(NewFile::close);
    }
}
