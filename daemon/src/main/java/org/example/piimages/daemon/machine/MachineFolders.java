package org.example.piimages.daemon.machine;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.LoopMarkers;
import org.example.piimages.daemon.linux.MountTable;
import org.example.piimages.daemon.linux.RunFolder;

/** The machines' folders in /run/piimages/machines: whoever makes one has the name. */
final class MachineFolders {

    private MachineFolders() {
    }

    /**
     * Claims a name by making its folder.
     *
     * @param wanted empty to make a name of the file's
     * @throws Failure BUSY when the wanted name is taken, INVALID_ARGUMENT when it is none
     */
    static String claim(String wanted, String file) throws IOException {
        Files.createDirectories(MachineRecord.folders());
        if (!wanted.isEmpty()) {
            MachineName.require(wanted);
        }
        String stem = wanted.isEmpty() ? MachineName.of(file) : wanted;
        for (int suffix = 1;; suffix++) {
            String name = suffix == 1 ? stem : stem + "-" + suffix;
            try {
                Files.createDirectory(MachineRecord.folders().resolve(name),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return name;
            } catch (FileAlreadyExistsException e) {
                if (!wanted.isEmpty()) {
                    throw new Failure(Failure.Kind.BUSY, "a machine called " + wanted + " runs already", e);
                }
            }
        }
    }

    /** Unmounts what a machine left and removes its folder. */
    static void tidy(Path folder) throws IOException {
        for (Path place : RunFolder.entries(folder)) {
            MountTable.unmount(place, true);
        }
        RunFolder.removeFolder(folder);
        LoopMarkers.sweep();
    }
}
