package org.example.piimages.daemon.linux.file;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import org.example.piimages.contract.Failure;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;

/**
 * A copy of a file that has no name, so that it disappears when it is closed for the last time. It belongs to the user for whom it is made,
 * and counts against the user's quota.
 *
 * <p>On filesystems that share blocks, such as btrfs and xfs, it takes no space until it is written to. Elsewhere it takes the time and the
 * space to copy the data of the file. Holes remain holes.
 */
public final class PrivateCopy {

    /** Used if the directory of the file is not suitable: on disk, unlike /tmp. */
    private static final Path FALLBACK = Path.of("/var/tmp");

    private PrivateCopy() {
    }

    /**
     * Copies a whole file.
     *
     * @param beside a directory on the same filesystem, where blocks can be shared; used if the user may write there, otherwise /var/tmp
     * @throws Failure NO_SPACE if there is no space for the copy; INVALID_IMAGE if the file is truncated meanwhile
     */
    public static OpenFile of(OpenFile from, Path beside, int uid, int[] groups) throws IOException {
        Credentials credentials = new Credentials(uid, groups);
        OpenFile to = create(beside, credentials);
        try {
            new FileCopy(from, to, credentials).range(0, 0, from.status().size(), bytes -> {});
            return new OpenFile(to.fd(), true);
        } catch (EOFException e) {
            to.close();
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the image was truncated while it was copied", e);
        } catch (ErrnoException e) {
            to.close();
            if (e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT) {
                throw new Failure(Failure.Kind.NO_SPACE, "no space for a copy of the image beside it: " + e.reason()
                        + "; it requires as much space as the data in the image", e);
            }
            throw e;
        } catch (IOException | RuntimeException e) {
            to.close();
            throw e;
        }
    }

    private static OpenFile create(Path beside, Credentials credentials) throws IOException {
        try {
            return scratch(beside, credentials);
        } catch (Failure | ErrnoException e) {
            return scratch(FALLBACK, credentials);
        }
    }

    private static OpenFile scratch(Path place, Credentials credentials) throws IOException {
        try (CallerDirectory directory = CallerDirectory.of(place.resolve("copy").toString(), credentials)) {
            return directory.scratch();
        }
    }
}
