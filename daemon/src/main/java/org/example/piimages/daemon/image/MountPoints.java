package org.example.piimages.daemon.image;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.example.piimages.daemon.linux.RunFolder;

/** The folders in which users see their images. One at a time is made or removed: a user's folder goes with the last of their images. */
final class MountPoints {

    private MountPoints() {
    }

    /** Makes one, named after the file; an image of the same name in another folder gets a number. */
    static synchronized Path create(ImageFile file, Owner owner) throws IOException {
        Path parent = RunFolder.createForUser(owner.uid());
        String name = MountPointName.of(file.path());
        for (int suffix = 1;; suffix++) {
            Path folder = parent.resolve(suffix == 1 ? name : name + "-" + suffix);
            try {
                return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (FileAlreadyExistsException e) {
                // An image of the same name in another folder.
            }
        }
    }

    /** Removes one that is empty, and the user's folder when it was their last. */
    static synchronized void remove(Path folder) {
        RunFolder.removeIfEmpty(folder);
        RunFolder.removeIfEmpty(folder.getParent());
    }
}
