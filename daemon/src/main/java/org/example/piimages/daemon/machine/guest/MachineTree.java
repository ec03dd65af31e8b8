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
import org.example.piimages.daemon.linux.file.RunFolder;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.daemon.linux.mount.MountTable;
import org.example.piimages.daemon.linux.mount.Tree;
import org.example.piimages.libc.Fd;

/**
 * All that a machine sees besides its image, mounted before systemd-nspawn starts, so that nspawn, which is root and follows names, has no
 * place to make. The image's users can rename what is in it at every instant: each place is looked up once, within the image, and what is
 * mounted goes to the folder or file that was found.
 */
public final class MachineTree implements Closeable {

    /** As nspawn makes them. */
    private static final Map<String, List<String>> MEMORY_OPTIONS = Map.of("/run", List.of("mode=755", "size=20%", "nr_inodes=800k"),
            "/tmp", List.of("mode=1777", "size=10%", "nr_inodes=400k"));
    private static final Set<Mount.Attribute> COVER = EnumSet.of(Mount.Attribute.READ_ONLY, Mount.Attribute.NO_SETUID,
            Mount.Attribute.NO_DEVICES);
    private static final Set<Mount.Attribute> MEMORY_ATTRIBUTES = EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES,
            Mount.Attribute.STRICT_ACCESS_TIMES);

    private final Path folder;
    private final Tree image;
    private final int root;
    private final Map<String, Mount> memory = new HashMap<>();

    /**
     * The tree of an image that is mounted for a machine.
     *
     * @param folder the machine's own
     * @param root the host's user who is root in the machine
     */
    public MachineTree(Path folder, Tree image, int root) {
        this.folder = folder;
        this.image = image;
        this.root = root;
    }

    /**
     * Mounts filesystems in memory over the image's /run and /tmp. Each is to be seen in the machine's own folder as well, by which
     * machine-ended empties it when the machine reboots.
     */
    public void mountMemory(Undo undo) throws IOException {
        for (String place : MachinePlaces.MEMORY) {
            List<String> options = new ArrayList<>(MEMORY_OPTIONS.get(place));
            options.add("uid=" + Integer.toUnsignedString(root));
            options.add("gid=" + Integer.toUnsignedString(root));
            Path own = memoryFolder(place);
            RunFolder.createPrivate(own);
            undo.add("remove " + own, () -> RunFolder.removeIfEmpty(own));
            try (Mount mount = Mount.ofMemory(options, MEMORY_ATTRIBUTES); Fd over = find(place)) {
                mount.attach(own);
                undo.add("unmount " + own, () -> MountTable.detach(own));
                Mount seen = Mount.copyOf(mount.root(), EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES));
                memory.put(place, seen);
                // Each mount in it would be two otherwise, of which PID 1 makes units.
                seen.becomePrivate();
                seen.attach(over);
            }
        }
    }

    private Path memoryFolder(String place) {
        return folder.resolve("memory" + place.replace('/', '-'));
    }

    private Fd find(String place) throws IOException {
        return image.folder(place).orElseThrow(() -> new Failure(Failure.Kind.INVALID_IMAGE, Printable.quoted(place)
                + " was removed from the image while the machine was set up"));
    }

    /** Shows a file or folder of the host's in place of the image's, read-only. */
    public void cover(String place, Path source) throws IOException {
        try (Fd opened = Tree.handleOf(source); Mount mount = Mount.copyOf(opened, COVER);
                Fd target = place(place, Files.isDirectory(source))) {
            mount.attach(target);
        }
    }

    /**
     * Where something can be mounted in the machine: what the image has there, or what is made there in memory.
     *
     * @throws Failure INVALID_ARGUMENT when the image has no such place: none is made in an image
     */
    public Fd place(String place, boolean directory) throws IOException {
        // As /etc/resolv.conf may to what a resolver makes in /run.
        String name = MachinePlaces.followed(image, place);
        Optional<String> inMemory = MachinePlaces.memoryOf(name);
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
        Tree tree = new Tree(memory.get(filesystem).root());
        String name = place.substring(filesystem.length() + 1);
        Optional<Fd> there = tree.handle(name);
        if (there.isEmpty()) {
            make(memoryFolder(filesystem), name, directory);
            return tree.handle(name);
        }
        return there;
    }

    /** Nobody but the daemon gets there before the machine runs; what is made belongs to the machine's root. */
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
