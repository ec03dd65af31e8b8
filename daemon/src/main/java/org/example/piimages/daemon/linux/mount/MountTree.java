package org.example.piimages.daemon.linux.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;

/**
 * The mounts at a directory of the daemon and below it, which are unmounted as a whole. The directory and its parents belong to the daemon;
 * below it, whoever may write to the mounted files may rename directories and create links. Only the kernel's table tells where each mount
 * is at the moment.
 */
public final class MountTree {

    /**
     * A mount that was unmounted.
     *
     * @param source the device of the mount
     * @param place the former mount point relative to the directory, as in the kernel's table; empty for the directory itself
     */
    private record Part(String source, byte[] place) {

        static Part of(String line, int start) {
            byte[] target = MountTable.bytes(line.split(" ")[MountTable.TARGET]);
            return new Part(MountTable.parse(line).source(), Arrays.copyOfRange(target, Math.min(start, target.length), target.length));
        }

        int depth() {
            int depth = place.length == 0 ? 0 : 1;
            for (byte each : place) {
                depth += each == '/' ? 1 : 0;
            }
            return depth;
        }

        private int nameStart() {
            int at = place.length;
            while (at > 0 && place[at - 1] != '/') {
                at--;
            }
            return at;
        }

        byte[] parent() {
            return Arrays.copyOf(place, Math.max(0, nameStart() - 1));
        }

        byte[] name() {
            return Arrays.copyOfRange(place, nameStart(), place.length);
        }
    }

    /** The number of times that a directory may be renamed between finding a mount point and reaching it. */
    private static final int ATTEMPTS = 200;

    private final Path directory;
    private final List<Part> unmounted = new ArrayList<>();

    /** The mounts at and below that directory. */
    public MountTree(Path directory) {
        this.directory = directory;
    }

    /**
     * Unmounts all mounts, the deepest first.
     *
     * @throws ErrnoException EBUSY if a mount is in use; it and those above it are still mounted, and {@link #mountPoint} finds the places
     * of the others
     * @throws Failure BUSY if directories that lead to a mount are renamed incessantly
     */
    public void unmount() throws IOException {
        int attempts = 0;
        for (List<Part> parts = read(); !parts.isEmpty(); parts = read()) {
            for (Part part : parts) {
                if (!unmount(part)) {
                    if (++attempts == ATTEMPTS) {
                        throw new Failure(Failure.Kind.BUSY, "directories in the path of a mount in " + directory
                                + " are being renamed; stop that, or unmount the image with --lazy");
                    }
                    break;
                }
                unmounted.add(part);
            }
        }
    }

    private List<Part> read() throws IOException {
        int start = directory.toString().getBytes(StandardCharsets.UTF_8).length + 1;
        List<Part> parts = new ArrayList<>();
        for (String line : MountTable.linesBelow(directory)) {
            parts.add(Part.of(line, start));
        }
        // Of two mounts at the same place, the later one is on top.
        Collections.reverse(parts);
        parts.sort(Comparator.comparing(Part::depth).reversed());
        return parts;
    }

    /**
     * Unmounts one mount, by a descriptor of the directory that contains it and its last name, which umount2(2) does not follow: a
     * descriptor of the mount itself would keep it busy. Returns false if the mount point has moved.
     */
    private boolean unmount(Part part) throws IOException {
        if (part.depth() == 0) {
            return unmount(directory.toString());
        }
        Optional<Fd> parent = open(part.parent());
        if (parent.isEmpty()) {
            return false;
        }
        try (Fd open = parent.get()) {
            byte[] beginning = (open.procPath() + "/").getBytes(StandardCharsets.UTF_8);
            byte[] path = Arrays.copyOf(beginning, beginning.length + part.name().length + 1);
            System.arraycopy(part.name(), 0, path, beginning.length, part.name().length);
            return unmount(path);
        }
    }

    private static boolean unmount(Object path) throws ErrnoException {
        try {
            Libc.call("umount2", path, MountTable.UMOUNT_NOFOLLOW);
            return true;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }

    /** The devices that were unmounted, in the order in which they can be mounted again: parents first. */
    public List<String> unmountedDevices() {
        List<String> sources = new ArrayList<>(unmounted.stream().map(Part::source).toList());
        Collections.reverse(sources);
        return sources;
    }

    /** Opens the former mount point of a device as an O_PATH descriptor. Empty if it no longer exists under that name. */
    public Optional<Fd> mountPoint(String source) throws IOException {
        for (Part part : unmounted) {
            if (part.source().equals(source)) {
                return open(part.place());
            }
        }
        return Optional.empty();
    }

    private Optional<Fd> open(byte[] place) throws IOException {
        try (Fd top = DirectoryTree.open(directory)) {
            return new DirectoryTree(top).place(place);
        }
    }
}
