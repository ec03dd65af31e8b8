package org.example.piimages.daemon.image;

import java.io.IOException;
import java.nio.file.Path;
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.file.Undo;

/** The folders in which users see their images. One at a time is made or removed: a user's folder goes with the last of their images. */
final class MountPoints {

    private MountPoints() {
    }

    /** Makes one, named after the file; an image of the same name in another folder gets a number. */
    static synchronized Path create(ImageFile file, Owner owner) throws IOException {
        Path parent = RunFolder.createForUser(owner.uid());
        try (Undo undo = new Undo()) {
            undo.add("remove " + parent, () -> RunFolder.removeIfEmpty(parent));
            Path folder = RunFolder.createFirstFree(parent, MountPointName.of(file.path()));
            undo.commit();
            return folder;
        }
    }

    /** Removes one that is empty, and the user's folder when it was their last. */
    static synchronized void remove(Path folder) {
        RunFolder.removeIfEmpty(folder);
        RunFolder.removeIfEmpty(folder.getParent());
    }
}
