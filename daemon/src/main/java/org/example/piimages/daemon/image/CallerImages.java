package org.example.piimages.daemon.image;

import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.CallerFiles;
import org.example.piimages.daemon.linux.OpenFile;
import org.example.piimages.daemon.linux.Processes;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;

/** Image files as callers name them or hand them over, opened with the callers' own rights. */
public final class CallerImages {

    private CallerImages() {
    }

    /**
     * Opens a file as the caller would.
     *
     * @param groups the caller's, the primary one first
     * @param pid the caller's process, 0 where it is not known
     * @throws Failure NOT_FOUND, ACCESS_DENIED, INVALID_ARGUMENT, INVALID_IMAGE
     */
    public static ImageFile open(String path, int uid, int[] groups, long pid, boolean readOnly) throws IOException {
        String title = Printable.path(path);
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, title + " is not an absolute path");
        }
        if (pid != 0 && !Processes.sharesMountNamespace(pid)) {
            throw new Failure(Failure.Kind.ACCESS_DENIED, "you see other mounts than piimagesd does, so " + title
                    + " may be another file for you; open it yourself and use MountImageFd");
        }
        try {
            return new ImageFile(CallerFiles.open(path, uid, groups, readOnly), path);
        } catch (ErrnoException e) {
            throw switch (e.errno()) {
                case Errno.ENOENT, Errno.ENOTDIR -> new Failure(Failure.Kind.NOT_FOUND, "there is no file " + title, e);
                case Errno.EACCES, Errno.EPERM -> new Failure(Failure.Kind.ACCESS_DENIED, "you may not read " + title
                        + " or enter a folder on its way", e);
                case Errno.ENAMETOOLONG, Errno.ELOOP -> new Failure(Failure.Kind.INVALID_ARGUMENT, "cannot open " + title + ": "
                        + e.reason(), e);
                default -> new Failure(Failure.Kind.FAILED, "cannot open " + title + ": " + e.reason(), e);
            };
        }
    }

    /** Takes a copy of a descriptor that came with a message; the open file description is the daemon's own. */
    public static ImageFile adopt(Fd passed, String name) throws IOException {
        OpenFile borrowed = CallerFiles.adopt(passed);
        if (!borrowed.status().isRegularFile()) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, Printable.path(name) + " is " + borrowed.status().kind() + ", not an image file");
        }
        try {
            return new ImageFile(borrowed.reopen(), name);
        } catch (ErrnoException e) {
            throw new Failure(Failure.Kind.ACCESS_DENIED,
                    "the descriptor of " + Printable.path(name) + " cannot be used: " + e.reason(), e);
        }
    }
}
