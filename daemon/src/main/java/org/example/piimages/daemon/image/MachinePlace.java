package org.example.piimages.daemon.image;

import java.nio.file.Path;
import java.util.Optional;
import org.example.piimages.libc.Fd;

/**
 * Where a machine gets its image, and whose it is there.
 *
 * @param folder the machine's own, which root alone can enter
 * @param users the user namespace that stands for the image's users; empty where they are the host's
 */
public record MachinePlace(Path folder, Optional<Fd> users) {

    /** Where the image's root goes. */
    Path root() {
        return folder.resolve("root");
    }
}
