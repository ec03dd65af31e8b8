package org.example.piimages.daemon.machine;

import java.io.IOException;
import org.example.piimages.daemon.image.mount.MachineMountTarget;
import org.example.piimages.daemon.image.mount.MachineMounts;
import org.example.piimages.daemon.linux.file.Undo;

/**
 * The image of a machine to be started, and how to mount it for the machine.
 *
 * @param file the image's path as given by its owner
 * @param identity the identity of the image's file; of the copy, for an ephemeral machine
 * @param mountedId the ID of the mounted image; empty if the image is held for this machine only
 * @param mount mounts the image in the machine's directory
 */
record MachineSource(String file, String identity, String mountedId, ViewMount mount) {

    /** Mounts an image in a machine's directory. */
    @FunctionalInterface
    interface ViewMount {
        MachineMounts mount(MachineMountTarget mountTarget, Undo undo) throws IOException;
    }
}
