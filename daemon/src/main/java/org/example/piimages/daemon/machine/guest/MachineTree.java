package org.example.piimages.daemon.machine.guest;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.example.piimages.libc.Fd;

/**
 * The mounts of a machine besides its image. They are made before systemd-nspawn starts, so that nspawn, which runs as root and resolves
 * names, has no mount point to create. The image's users can rename its files at any time: each mount point is looked up once, within the
 * image, and the mount is attached to the directory or file that was found.
 */
public final class MachineTree implements Closeable {

    /** The options that systemd-nspawn uses; tmpfs(5). */
    private static final Map<String, List<String>> MEMORY_OPTIONS = Map.of("/run", List.of("mode=755", "size=20%", "nr_inodes=800k"),
            "/tmp", List.of("mode=1777", "size=10%", "nr_inodes=400k"));
    private static final Set<Mount.Attribute> COVER = EnumSet.of(Mount.Attribute.READ_ONLY, Mount.Attribute.NO_SETUID,
            Mount.Attribute.NO_DEVICES);
    private static final Set<Mount.Attribute> MEMORY_ATTRIBUTES = EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES,
            Mount.Attribute.STRICT_ACCESS_TIMES);

    private final Path directory;
    private final DirectoryTree image;
    private final int root;
    private final Map<String, Mount> memory = new HashMap<>();

    /**
     * Creates the tree of a machine.
     *
     * @param directory the machine's own directory
     * @param image the image, mounted for the machine; it must stay open while this object is used
     * @param root the host's user ID of the machine's root
     */
    public MachineTree(Path directory, DirectoryTree image, int root) {
        this.directory = directory;
        this.image = image;
        this.root = root;
    }

    /**
     * Mounts in-memory filesystems over the image's /run and /tmp. Each is mounted in the machine's own directory as well, where
     * machine-ended empties it when the machine reboots.
     *
     * @param undo removes the mounts in the machine's own directory
     */
    public void mountMemory(Undo undo) throws IOException {
        for (String place : MachineMountPoints.MEMORY) {
            List<String> options = new ArrayList<>(MEMORY_OPTIONS.get(place));
            options.add("uid=" + Integer.toUnsignedString(root));
            options.add("gid=" + Integer.toUnsignedString(root));
            Path own = memoryDirectory(place);
            RunDirectory.createPrivate(own);
            undo.add("remove " + own, () -> RunDirectory.removeIfEmpty(own));
            try (Mount mount = Mount.ofMemory(options, MEMORY_ATTRIBUTES); Fd over = find(place)) {
                mount.attach(own);
                undo.add("unmount " + own, () -> MountTable.detach(own));
                Mount seen = Mount.copyOf(mount.root(), EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES));
                memory.put(place, seen);
                // Otherwise, each mount below it would propagate to the other one, and PID 1 would create units for both.
                seen.makePrivate();
                seen.attach(over);
            }
        }
    }

    private Path memoryDirectory(String place) {
        return directory.resolve("memory" + place.replace('/', '-'));
    }

    private Fd find(String place) throws IOException {
        return image.directory(place).orElseThrow(() -> new Failure(Failure.Kind.INVALID_IMAGE, Printable.quoted(place)
                + " was removed from the image while the machine was set up"));
    }

    /** Mounts a file or directory of the host over that of the image, read-only. */
    public void cover(String place, Path source) throws IOException {
        try (Fd opened = DirectoryTree.openHandle(source); Mount mount = Mount.copyOf(opened, COVER);
                Fd target = place(place, Files.isDirectory(source))) {
            mount.attach(target);
        }
    }

    /**
     * Opens a mount point in the machine: a file or directory of the image, or below /run and /tmp one in memory, which is created if it
     * does not exist. The caller closes it.
     *
     * @throws Failure INVALID_ARGUMENT if the image has no such file or directory: none is created in an image
     */
    public Fd place(String place, boolean directory) throws IOException {
        // For example, /etc/resolv.conf may be a link to a file that a resolver creates in /run.
        String name = MachineMountPoints.resolveLink(image, place);
        Optional<String> inMemory = MachineMountPoints.tmpfsOf(name);
        Optional<Fd> there = inMemory.isPresent() ? placeInMemory(inMemory.get(), name, directory) : image.handle(place);
        if (there.isEmpty() || FileStatus.of(there.get()).isDirectory() != directory) {
            there.ifPresent(Fd::close);
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    Printable.quoted(place) + " cannot be used as a mount point: the image has no such "
                            + (directory ? "directory" : "file") + ", and none is created; below /run and /tmp any name can be used");
        }
        return there.get();
    }

    private Optional<Fd> placeInMemory(String filesystem, String place, boolean directory) throws IOException {
        DirectoryTree tree = new DirectoryTree(memory.get(filesystem).root());
        String name = place.substring(filesystem.length() + 1);
        Optional<Fd> there = tree.handle(name);
        if (there.isEmpty()) {
            make(memoryDirectory(filesystem), name, directory);
            return tree.handle(name);
        }
        return there;
    }

    /**
     * Creates a file or directory and its missing parents, owned by the machine's root. Its path can be trusted, because only the daemon
     * has access to this filesystem until the machine runs.
     */
    private void make(Path top, String name, boolean directory) throws IOException {
        Path path = top;
        for (Path part : Path.of(name)) {
            path = path.resolve(part);
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                if (directory || !path.equals(top.resolve(name))) {
                    Files.createDirectory(path);
                } else {
                    Files.createFile(path);
                }
                Files.setAttribute(path, "unix:uid", root);
                Files.setAttribute(path, "unix:gid", root);
            }
        }
    }

    @Override
    public void close() {
        memory.values().forEach(Mount::close);
    }
}
