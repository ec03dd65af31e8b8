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
import org.example.piimages.daemon.linux.mount.KernelFilesystems;
import org.example.piimages.daemon.linux.mount.Tree;

/**
 * The places in a machine that something is mounted on. Nothing may be mounted over, into or around something else, in which its name
 * could be another's.
 */
public final class MachinePlaces {

    /** The filesystems in memory of a machine: any name can be made there without changing the image. */
    static final List<String> MEMORY = List.of("/run", "/tmp");
    /** What systemd-nspawn, and systemd in the machine, mount or make for themselves. */
    private static final List<String> RESERVED = List.of("/run/host", "/run/systemd", "/run/piimages");

    private static final String OLD_RUN = "/var/run";
    private static final Set<String> OLD_RUN_TARGETS = Set.of("/run", "../run");

    private final List<Path> places = new ArrayList<>();

    /** Those of every machine. */
    public MachinePlaces() {
        add(KernelFilesystems.MOUNT_POINTS);
        add(RESERVED);
        add(MEMORY);
    }

    /** Notes places of our own making, absolute paths. */
    public final void add(Collection<String> own) {
        own.forEach(place -> places.add(Path.of(place)));
    }

    /** Notes a place that a caller chose, an absolute path. Throws Failure INVALID_ARGUMENT when it is at, above or below another. */
    public void claim(String place) {
        Path wanted = Path.of(place);
        for (Path other : places) {
            boolean memory = MEMORY.contains(other.toString());
            if (other.startsWith(wanted) || !memory && wanted.startsWith(other)) {
                throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                        Printable.quoted(place) + " cannot be used as a mount point: the machine has its own "
                                + other + "; specify another one, such as /mnt or a name below /tmp");
            }
        }
        places.add(wanted);
    }

    /** The filesystem in memory in which a place is. */
    static Optional<String> memoryOf(String place) {
        return MEMORY.stream().filter(memory -> place.startsWith(memory + "/")).findFirst();
    }

    /** Where a link of the image's leads, by its name alone; as the place is where it is none. /var/run may be a link to /run. */
    static String followed(Tree image, String place) throws IOException {
        Optional<String> target = image.linkTarget(place);
        if (target.isEmpty()) {
            return place;
        }
        String name = Path.of(place).resolveSibling(target.get()).normalize().toString();
        boolean isRun = name.startsWith(OLD_RUN + "/") && image.linkTarget(OLD_RUN).filter(OLD_RUN_TARGETS::contains).isPresent();
        return isRun ? name.substring(OLD_RUN.lastIndexOf('/')) : name;
    }

    /** Throws Failure INVALID_IMAGE where a folder is missing, or a link or a file, that something is to be mounted over. */
    public static void requireFolders(Tree image) throws IOException {
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
