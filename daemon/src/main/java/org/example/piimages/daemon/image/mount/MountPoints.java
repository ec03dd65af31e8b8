package org.example.piimages.daemon.image.mount;

import java.io.IOException;
import java.nio.file.Path;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;

/** The mount points of users' images. Creation and removal are serialized: a user's directory is removed with their last image. */
public final class MountPoints {

    private MountPoints() {
    }

    /** Creates a mount point named after the file; a number is appended if the name is taken. */
    public static synchronized Path create(ImageFile file, Owner owner) throws IOException {
        Path parent = RunDirectory.createForUser(owner.uid());
        try (Undo undo = new Undo()) {
            undo.add("remove " + parent, () -> RunDirectory.removeIfEmpty(parent));
            Path directory = RunDirectory.createFirstFree(parent, MountPointName.of(file.path()));
            undo.commit();
            return directory;
        }
    }

    /** Removes a mount point if it is empty, and the user's directory if that is then empty. */
    public static synchronized void remove(Path directory) {
        RunDirectory.removeIfEmpty(directory);
        RunDirectory.removeIfEmpty(directory.getParent());
    }
}
