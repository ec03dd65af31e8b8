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
 * A file or folder of the host's that a machine sees. It was opened with the caller's rights, and from then on it is the descriptor.
 *
 * <p>What belongs to the caller belongs to root in the machine, and what root creates there belongs to the caller. All else belongs to
 * nobody there, so that the machine reads what any stranger on the host would, and changes none of it. In a folder that a group of the
 * caller's may write to, the machine's root is in that group. Setuid programs and devices below it are none.
 *
 * @param source O_PATH on what is bound
 * @param title its path as the caller wrote it, for messages
 * @param place where the machine sees it, an absolute path
 * @param readOnly whether the machine may not change it
 * @param owner the caller's uid
 * @param groups the caller's, the primary one first
 */
public record Bind(Fd source, String title, String place, boolean readOnly, int owner, List<Integer> groups) implements Closeable {

    private static final int GROUP_WRITE = 020;

    /** Whether an absolute path in the machine leads to what is bound. */
    public boolean shows(String path) {
        return Path.of(path).normalize().startsWith(place);
    }

    /** Throws Failure INVALID_ARGUMENT when the place makes no sense. */
    public Bind {
        groups = List.copyOf(groups);
        if (!place.startsWith("/") || place.equals("/") || !Path.of(place).normalize().toString().equals(place)) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT,
                    Printable.quoted(place) + " is not a valid mount point in a machine: it has to be an"
                            + " absolute path without . and .. and not /");
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

    /** Whether it is a folder. */
    public boolean isFolder() throws IOException {
        return FileStatus.of(source).isDirectory();
    }

    /**
     * Mounts it where the machine sees it. Mounts below it are left out.
     *
     * @param target the place, found in the machine's tree
     * @param users the machine's; empty where they are the host's
     * @throws Failure UNSUPPORTED when it is to be changed and its filesystem cannot map owners
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
            // It is mapped already, as a mounted image of the caller's is.
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
