package org.example.piimages.daemon.machine;

import java.io.IOException;
import org.example.piimages.daemon.image.MachinePlace;
import org.example.piimages.daemon.image.MachineView;
import org.example.piimages.daemon.linux.file.Undo;

/**
 * An image that a machine is to run in, and how it is mounted there.
 *
 * @param file the image's path as its owner called it
 * @param identity what tells the file from every other
 * @param mountedId the id of the mounted image; empty when it is held for this machine alone
 * @param mount mounts the image into the machine's folder
 */
record MachineSource(String file, String identity, String mountedId, ViewMount mount) {

    /** Mounts the image into a machine's folder. */
    @FunctionalInterface
    interface ViewMount {
        MachineView mount(MachinePlace place, Undo undo) throws IOException;
    }
}
