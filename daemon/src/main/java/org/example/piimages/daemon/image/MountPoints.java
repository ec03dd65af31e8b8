package org.example.piimages.daemon.image;

import java.io.IOException;
import java.nio.file.Path;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.file.Undo;

/** The mount points of users' images. Creation and removal are serialized: a user's folder is removed with their last image. */
final class MountPoints {

    private MountPoints() {
    }

    /** Creates a mount point named after the file; a number is appended if the name is taken. */
    static synchronized Path create(ImageFile file, Owner owner) throws IOException {
        Path parent = RunFolder.createForUser(owner.uid());
        try (Undo undo = new Undo()) {
            undo.add("remove " + parent, () -> RunFolder.removeIfEmpty(parent));
            Path folder = RunFolder.createFirstFree(parent, MountPointName.of(file.path()));
            undo.commit();
            return folder;
        }
    }

    /** Removes a mount point if it is empty, and the user's folder if that is then empty. */
    static synchronized void remove(Path folder) {
        RunFolder.removeIfEmpty(folder);
        RunFolder.removeIfEmpty(folder.getParent());
    }
}
