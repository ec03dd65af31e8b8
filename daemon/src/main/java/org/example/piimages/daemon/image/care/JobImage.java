package org.example.piimages.daemon.image.care;

import java.io.Closeable;
import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.file.CallerImages;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.process.Processes;

/**
 * An image, and the user on whose behalf it is processed.
 *
 * @param file the image, opened with the user's privileges; owned by the job, which closes it
 * @param credentials the credentials that tools run with
 * @param umask the umask for new files; 077 if the user's umask is unknown
 */
public record JobImage(ImageFile file, Credentials credentials, int umask) implements Closeable {

    private static final int PRIVATE_UMASK = 077;

    /**
     * Opens an image with the user's privileges.
     *
     * @param groups the user's groups, the primary group first
     * @param pid the user's process; 0 if unknown
     * @param readOnly whether the image is only read
     * @throws Failure like {@link CallerImages#open}
     */
    public static JobImage open(String path, int uid, int[] groups, long pid, boolean readOnly) throws IOException {
        return of(CallerImages.open(path, uid, groups, pid, readOnly), uid, groups, pid);
    }

    /** Like {@link #open}, but also accepts a card; see {@link CallerImages#openOrCard}. */
    public static JobImage openOrCard(String path, int uid, int[] groups, long pid, boolean readOnly) throws IOException {
        return of(CallerImages.openOrCard(path, uid, groups, pid, readOnly), uid, groups, pid);
    }

    private static JobImage of(ImageFile file, int uid, int[] groups, long pid) {
        return new JobImage(file, new Credentials(uid, groups), Processes.umask(pid, uid).orElse(PRIVATE_UMASK));
    }

    /**
     * Refuses an image that is open read-only because the user may not write to it.
     *
     * @throws Failure BUSY for a write-protected card; ACCESS_DENIED for a file
     */
    public JobImage requireWritable() {
        if (!file.isWritable() && file.card().isPresent()) {
            throw new Failure(Failure.Kind.BUSY, file.title() + " is write-protected; check the switch on the side of the card");
        }
        if (!file.isWritable()) {
            throw new Failure(Failure.Kind.ACCESS_DENIED, "cannot write to " + file.title() + ": permission denied");
        }
        return this;
    }

    /** Returns the failure with the file name prepended. */
    public Failure about(Failure failure) {
        return file.about(failure);
    }

    /**
     * Describes an I/O error: for a file, returns the error unchanged; for a card, throws a Failure with its name, NOT_FOUND if the card
     * was removed.
     */
    public IOException about(IOException error) {
        if (file.card().isEmpty()) {
            return error;
        }
        file.requirePresent();
        throw new Failure(Failure.Kind.FAILED, "cannot read or write " + file.title() + ": " + error.getMessage(), error);
    }

    @Override
    public void close() {
        file.close();
    }
}
