package org.example.piimages.daemon.image.file;

import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.file.CallerFiles;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;

/** Image files as callers name them or hand them over, opened with the callers' own rights. */
public final class CallerImages {

    /** A way to open the file. */
    @FunctionalInterface
    private interface Opening {
        OpenFile open() throws IOException;
    }

    private CallerImages() {
    }

    /**
     * Opens a file as the caller would.
     *
     * @param groups the caller's groups, the primary one first
     * @param pid the caller's process ID; 0 if unknown
     * @throws Failure NOT_FOUND, ACCESS_DENIED, INVALID_ARGUMENT, INVALID_IMAGE
     */
    public static ImageFile open(String path, int uid, int[] groups, long pid, boolean readOnly) throws IOException {
        return open(path, new Credentials(uid, groups), pid, readOnly, false);
    }

    /**
     * Like {@link #open}, but also accepts a card, which the caller need not be allowed to open: polkit is asked in any case before a disk
     * is used.
     *
     * @throws Failure as {@link #open}, and as {@link ImageFile#of}
     */
    public static ImageFile openOrCard(String path, int uid, int[] groups, long pid, boolean readOnly) throws IOException {
        return open(path, new Credentials(uid, groups), pid, readOnly, true);
    }

    private static ImageFile open(String path, Credentials credentials, long pid, boolean readOnly, boolean cardToo) throws IOException {
        return open(path, cardToo, () -> {
            try {
                return CallerFiles.open(path, credentials, pid, readOnly);
            } catch (Failure failure) {
                throw new Failure(failure.kind(), failure.getMessage() + "; open " + Printable.path(path)
                        + " yourself and use MountImageFd", failure);
            }
        });
    }

    /** Opens a further file by path after the call was received, when the caller's process may have exited already. */
    public static ImageFile open(String path, Credentials credentials, boolean readOnly) throws IOException {
        return open(path, false, () -> CallerFiles.open(path, credentials, readOnly));
    }

    private static ImageFile open(String path, boolean cardToo, Opening opening) throws IOException {
        String title = Printable.path(path);
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " is not an absolute path");
        }
        try {
            return image(opening.open(), path, cardToo);
        } catch (ErrnoException e) {
            throw switch (e.errno()) {
                case Errno.ENOENT, Errno.ENOTDIR -> new Failure(Failure.Kind.NOT_FOUND, "cannot open " + title + ": " + e.reason(), e);
                case Errno.EACCES, Errno.EPERM -> new Failure(Failure.Kind.ACCESS_DENIED, "cannot open " + title
                        + ": permission denied for the file or for a directory in its path", e);
                case Errno.ENAMETOOLONG, Errno.ELOOP -> new Failure(Failure.Kind.INVALID_ARGUMENT, "cannot open " + title + ": "
                        + e.reason(), e);
                default -> new Failure(Failure.Kind.FAILED, "cannot open " + title + ": " + e.reason(), e);
            };
        }
    }

    private static ImageFile image(OpenFile opened, String path, boolean cardToo) throws IOException {
        if (!cardToo || !opened.status().isBlockDevice()) {
            return new ImageFile(opened, path);
        }
        try (opened) {
            return ImageFile.of(CardDevice.of(opened.status(), Printable.path(path)));
        }
    }

    /** Adopts a file descriptor passed in a message; the resulting open file description is the daemon's own. */
    public static ImageFile adopt(Fd passed, String name) throws IOException {
        try {
            return new ImageFile(CallerFiles.adopt(passed), name);
        } catch (Failure failure) {
            throw failure.kind() == Failure.Kind.INVALID_IMAGE
                    ? new Failure(failure.kind(), Printable.path(name) + " " + failure.getMessage(), failure) : failure;
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.ACCESS_DENIED,
                    "cannot use the descriptor of " + Printable.path(name) + ": " + e.reason(), e);
        }
    }
}
