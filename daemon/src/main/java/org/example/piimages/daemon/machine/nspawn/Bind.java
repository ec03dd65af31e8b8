package org.example.piimages.daemon.machine.nspawn;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.file.CallerFiles;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.FileStatus;
import org.example.piimages.daemon.linux.mount.Mount;
import org.example.piimages.daemon.linux.process.UserNamespace;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;

/**
 * A file or directory of the host that is bound into a machine. It is opened with the caller's rights, and referred to only by its
 * descriptor from then on.
 *
 * <p>Files of the caller belong to root in the machine, and files that root creates there belong to the caller. All other files belong to
 * nobody there, so the machine can read what any other user of the host can, and can change none of it. If the group of the directory may
 * write to it and the caller is a member, the machine's root is in that group. Setuid bits and device nodes below it have no effect.
 *
 * @param source an O_PATH descriptor of the file or directory
 * @param title its path as given by the caller, for messages
 * @param place the absolute path in the machine
 * @param readOnly whether the machine may not change it
 * @param owner the caller's uid
 * @param groups the caller's gids, the primary one first
 */
public record Bind(Fd source, String title, String place, boolean readOnly, int owner, List<Integer> groups) implements Closeable {

    private static final int GROUP_WRITE = 020;

    /** Returns whether an absolute path in the machine is at or below the mount point. */
    public boolean contains(String path) {
        return Path.of(path).normalize().startsWith(place);
    }

    /** Throws Failure INVALID_ARGUMENT if the path in the machine is not absolute and normalized, or is /. */
    public Bind {
        groups = List.copyOf(groups);
        if (!place.startsWith("/") || place.equals("/") || !Path.of(place).normalize().toString().equals(place)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    Printable.quoted(place) + " is not a valid mount point in a machine: it has to be an"
                            + " absolute path without . and .. and not /");
        }
    }

    /**
     * Opens a path with the rights of the caller.
     *
     * @param groups the caller's gids, the primary one first
     * @param pid the caller's process, 0 if unknown
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
            throw new Failure(e.kind(), "cannot bind mount " + title + ": " + e.getMessage(), e);
        } catch (ErrnoException e) {
            boolean missing = e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR;
            throw new Failure(missing ? Failure.Kind.NOT_FOUND : Failure.Kind.ACCESS_DENIED,
                    "cannot bind mount " + title + ": " + e.reason(), e);
        }
        try {
            return new Bind(source, path, place, readOnly, uid, Arrays.stream(groups).boxed().toList());
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
    }

    /** Returns whether it is a directory. */
    public boolean isDirectory() throws IOException {
        return FileStatus.of(source).isDirectory();
    }

    /**
     * Mounts it in the machine. Mounts below it are not included.
     *
     * @param target the mount point in the machine's tree
     * @param users the machine's user IDs; empty if they are the host's
     * @throws Failure UNSUPPORTED if it is writable and its filesystem does not support ID-mapped mounts
     */
    public void mount(Fd target, Optional<UserRange> users) throws IOException {
        Set<Mount.Attribute> attributes = EnumSet.of(Mount.Attribute.NO_SETUID, Mount.Attribute.NO_DEVICES);
        if (readOnly) {
            attributes.add(Mount.Attribute.READ_ONLY);
        }
        try (Mount mount = Mount.copyOf(source, attributes)) {
            if (users.isPresent() && !map(mount, users.get()) && !readOnly) {
                throw new Failure(Failure.Kind.UNSUPPORTED,
                        Printable.path(title) + " cannot be bind mounted for writing: its filesystem cannot"
                                + " map owners; use --bind-ro, or a directory on another filesystem");
            }
            mount.attach(target);
        }
    }

    private boolean map(Mount mount, UserRange users) throws IOException {
        FileStatus status = FileStatus.of(source);
        boolean member = groups.contains(status.gid());
        boolean shared = member && (status.mode() & GROUP_WRITE) != 0;
        int group = member ? status.gid() : groups.get(0);
        try (UserNamespace mapping = UserNamespace.of(users.userMap(owner, shared),
                users.groupMap(group, groups.stream().mapToInt(Integer::intValue).toArray(), shared))) {
            return mount.mapOwners(mapping.fd());
        } catch (ErrnoException e) {
            // It is ID-mapped already, as a mounted image of the caller is.
            if (e.errno() == Errno.EPERM) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        source.close();
    }
}
