package org.example.piimages.daemon.machine;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.CallerFiles;
import org.example.piimages.daemon.linux.Credentials;
import org.example.piimages.daemon.linux.FileStatus;
import org.example.piimages.daemon.linux.Mount;
import org.example.piimages.daemon.linux.MountTable;
import org.example.piimages.daemon.linux.RunFolder;
import org.example.piimages.daemon.linux.Tree;
import org.example.piimages.daemon.linux.Undo;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;

/**
 * A file or folder of the host's that a machine sees. It was opened with the caller's rights, and from then on it is the descriptor.
 *
 * <p>What belongs to the caller belongs to root in the machine, and what root creates there belongs to the caller. All else belongs to
 * nobody there, so that the machine reaches what any stranger on the host would. Setuid programs and devices below it are none.
 *
 * @param source O_PATH on what is bound
 * @param title its path as the caller wrote it, for messages
 * @param place where the machine sees it, an absolute path
 * @param readOnly whether the machine may not change it
 * @param owner the caller's uid
 */
public record Bind(Fd source, String title, String place, boolean readOnly, int owner) implements Closeable {

    /** Whether an absolute path in the machine leads to what is bound. */
    boolean shows(String path) {
        return Path.of(path).normalize().startsWith(place);
    }

    /** Throws Failure INVALID_ARGUMENT when the place makes no sense. */
    public Bind {
        if (!place.startsWith("/") || place.equals("/") || !Path.of(place).normalize().toString().equals(place)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, Printable.quoted(place) + " is not a place in a machine: it has to be an"
                    + " absolute path without . and .. and not the root");
        }
    }

    /**
     * Opens what a caller names, as the caller.
     *
     * @param groups the caller's, the primary one first
     * @param pid the caller's process, 0 where it is not known
     * @throws Failure ACCESS_DENIED, INVALID_ARGUMENT, NOT_FOUND
     */
    public static Bind open(String path, String place, boolean readOnly, int uid, int[] groups, long pid) throws IOException {
        String title = Printable.path(path);
        if (!path.startsWith("/")) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " is not an absolute path");
        }
        Fd source;
        try {
            source = CallerFiles.find(path, new Credentials(uid, groups), pid);
        } catch (Failure e) {
            throw new Failure(e.kind(), e.getMessage() + ": " + title + " cannot be bound", e);
        } catch (ErrnoException e) {
            boolean missing = e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR;
            throw new Failure(missing ? Failure.Kind.NOT_FOUND : Failure.Kind.ACCESS_DENIED,
                    "cannot bind " + title + ": " + e.reason(), e);
        }
        try {
            return new Bind(source, path, place, readOnly, uid);
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /**
     * Mounts it in the machine's private folder, for nspawn to bind from there. Mounts below it are left out.
     *
     * @param undo unmounts it when the machine does not start
     * @return the option of nspawn's
     * @throws Failure INVALID_ARGUMENT when the image has no such place: none is made in an image
     */
    String mount(Tree image, Path folder, int number, Undo undo) throws IOException {
        FileStatus status = FileStatus.of(source);
        requirePlace(image, status.isDirectory());
        Path mountPoint = mountPoint(folder, number);
        if (status.isDirectory()) {
            RunFolder.createPrivate(mountPoint);
        } else {
            RunFolder.writePublic(mountPoint, "");
        }
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        try (Mount mount = Mount.copyOf(source, attributes)) {
            mount.attach(mountPoint);
        }
        undo.add("unmount " + mountPoint, () -> MountTable.detach(mountPoint));
        // To nspawn the owner of what is bound is root in the machine: only a caller's own may be bound so.
        String mapping = status.uid() == owner ? "rootidmap" : "noidmap";
        return (readOnly ? "--bind-ro=" : "--bind=") + mountPoint + ":" + NspawnCommand.escape(place) + ":" + mapping;
    }

    /** Where a machine's bind of that number is mounted for nspawn. */
    static Path mountPoint(Path folder, int number) {
        return folder.resolve("bind-" + number);
    }

    private void requirePlace(Tree image, boolean directory) throws IOException {
        if (MachinePlaces.isInMemory(place)) {
            return;
        }
        Optional<FileStatus> there = image.status(place);
        if (there.isEmpty() || there.get().isDirectory() != directory) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, Printable.path(title) + " cannot be bound to " + Printable.quoted(place)
                    + ": the image has no " + (directory ? "folder" : "file") + " there, and none is made; below /run and /tmp any name"
                    + " will do");
        }
    }

    @Override
    public void close() {
        source.close();
    }
}
