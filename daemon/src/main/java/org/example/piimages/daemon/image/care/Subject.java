package org.example.piimages.daemon.image.care;

import java.io.Closeable;
import java.io.IOException;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.CallerImages;
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.process.Processes;

/**
 * An image and on whose behalf something is done to it.
 *
 * @param file opened with their rights; the job's, which closes it
 * @param who whose rights the tools run with
 * @param umask theirs, for new files; where it is not known, that of somebody who shares nothing
 */
public record Subject(ImageFile file, Credentials who, int umask) implements Closeable {

    private static final int SHARING_NOTHING = 077;

    /**
     * Opens an image as its owner would.
     *
     * @param groups theirs, the primary one first
     * @param pid their process, 0 where it is not known
     * @param readOnly whether it is only looked at
     * @throws Failure as {@link CallerImages#open}
     */
    public static Subject open(String path, int uid, int[] groups, long pid, boolean readOnly) throws IOException {
        return of(CallerImages.open(path, uid, groups, pid, readOnly), uid, groups, pid);
    }

    /** The same, or a card; see {@link CallerImages#openOrCard}. */
    public static Subject openOrCard(String path, int uid, int[] groups, long pid, boolean readOnly) throws IOException {
        return of(CallerImages.openOrCard(path, uid, groups, pid, readOnly), uid, groups, pid);
    }

    private static Subject of(ImageFile file, int uid, int[] groups, long pid) {
        return new Subject(file, new Credentials(uid, groups), Processes.umask(pid, uid).orElse(SHARING_NOTHING));
    }

    /**
     * Refuses a file that its owner opened for reading alone, because they may not write to it.
     *
     * @throws Failure ACCESS_DENIED
     */
    public Subject requireWritable() {
        if (!file.isWritable() && file.card().isPresent()) {
            throw new Failure(Failure.Kind.BUSY, file.title() + " is write-protected; check the switch on the side of the card");
        }
        if (!file.isWritable()) {
            throw new Failure(Failure.Kind.ACCESS_DENIED, "cannot write to " + file.title() + ": permission denied");
        }
        return this;
    }

    /** The failure with the file's name before it. */
    public Failure about(Failure failure) {
        return file.about(failure);
    }

    /** What to say of an error of the kernel's: for a card, its name, and whether it is still there. */
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
