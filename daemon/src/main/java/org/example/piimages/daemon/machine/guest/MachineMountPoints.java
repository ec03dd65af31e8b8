package org.example.piimages.daemon.machine.guest;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.KernelFilesystems;

/** The mount points in a machine. None may be at, below or above another one, in which its name could refer to another file. */
public final class MachineMountPoints {

    /** The in-memory filesystems of a machine: any name can be created there without changing the image. */
    static final List<String> MEMORY = List.of("/run", "/tmp");
    /** Directories that systemd-nspawn, or systemd in the machine, mounts or creates for itself. */
    private static final List<String> RESERVED = List.of("/run/host", "/run/systemd", "/run/piimages");

    private static final String OLD_RUN = "/var/run";
    private static final Set<String> OLD_RUN_TARGETS = Set.of("/run", "../run");

    private final List<Path> places = new ArrayList<>();

    /** Adds the mount points of every machine. */
    public MachineMountPoints() {
        add(KernelFilesystems.MOUNT_POINTS);
        add(RESERVED);
        add(MEMORY);
    }

    /** Adds mount points of PiImages, absolute paths. */
    public final void add(Collection<String> own) {
        own.forEach(place -> places.add(Path.of(place)));
    }

    /**
     * Adds a mount point chosen by the caller, an absolute path.
     *
     * @throws Failure INVALID_ARGUMENT if it is at, above or below another one; below /run and /tmp it may be
     */
    public void claim(String place) {
        Path requested = Path.of(place);
        for (Path other : places) {
            boolean memory = MEMORY.contains(other.toString());
            if (other.startsWith(requested) || !memory && requested.startsWith(other)) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                        Printable.quoted(place) + " cannot be used as a mount point: the machine has its own "
                                + other + "; specify another one, such as /mnt or a name below /tmp");
            }
        }
        places.add(requested);
    }

    /** Returns the in-memory filesystem that contains a path, if any. */
    static Optional<String> tmpfsOf(String place) {
        return MEMORY.stream().filter(memory -> place.startsWith(memory + "/")).findFirst();
    }

    /**
     * Returns the target of a link in the image as an absolute path, or the path itself if it is not a link. Only the last component is
     * resolved, and in its target /var/run, if that is a link to /run.
     */
    static String resolveLink(DirectoryTree image, String place) throws IOException {
        Optional<String> target = image.linkTarget(place);
        if (target.isEmpty()) {
            return place;
        }
        String name = Path.of(place).resolveSibling(target.get()).normalize().toString();
        boolean isRun = name.startsWith(OLD_RUN + "/") && image.linkTarget(OLD_RUN).filter(OLD_RUN_TARGETS::contains).isPresent();
        return isRun ? name.substring(OLD_RUN.lastIndexOf('/')) : name;
    }

    /** Throws Failure INVALID_IMAGE if a directory to mount over is missing, or is a link or a file. */
    public static void requireDirectories(DirectoryTree image) throws IOException {
        for (String place : Stream.concat(KernelFilesystems.MOUNT_POINTS.stream(), MEMORY.stream()).toList()) {
            boolean link = image.linkTarget(place).isPresent();
            if (link || image.status(place).filter(status -> status.isDirectory()).isEmpty()) {
                throw new Failure(Failure.Kind.INVALID_IMAGE, "nothing can be run in the image: " + (image.hasEntry(place)
                        ? "its " + place + " is not a directory, but a " + (link ? "symbolic link" : "file")
                        : "it has no " + place + ", and it cannot be created; run a command once without --read-only"));
            }
        }
    }
}
