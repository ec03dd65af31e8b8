package org.example.piimages.daemon.image.mount;

import java.nio.file.Path;
import java.util.Optional;
import org.example.piimages.libc.Fd;

/**
 * The directory in which a machine's image is mounted, and the user namespace that owns the files there.
 *
 * @param directory the machine's own directory, which only root can enter
 * @param users the user namespace to which the image's users are mapped; empty if they are the host's users
 */
public record MachineMountTarget(Path directory, Optional<Fd> users) {

    /** The mount point of the image's root. */
    Path root() {
        return directory.resolve("root");
    }
}
