package org.example.piimages.daemon.image.care.card;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.LastVolume;
import org.example.piimages.daemon.image.care.CardSink;
import org.example.piimages.daemon.image.care.JobImage;
import org.example.piimages.daemon.image.care.NewFile;
import org.example.piimages.daemon.image.care.SparseWriter;
import org.example.piimages.daemon.image.care.filesystem.E2fsprogs;
import org.example.piimages.daemon.image.care.filesystem.OfflineResize;
import org.example.piimages.daemon.image.care.filesystem.ResizeDirectory;
import org.example.piimages.daemon.image.care.filesystem.Shrink;
import org.example.piimages.daemon.image.care.packing.Compression;
import org.example.piimages.daemon.image.care.packing.Pack;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.table.ResizePlan;
import org.example.piimages.daemon.job.Progress;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;
import org.example.piimages.daemon.linux.process.RunningCommand;

/**
 * A backup that is shrunk like an image by {@link Shrink}. The card is read into a file without a name, which is shrunk like an image file
 * and then compressed if the name of the backup selects it, so that the name never refers to an incomplete backup.
 */
final class ShrunkBackup implements Closeable {

    private static final String WITHOUT_SHRINK_HINT = "; to back it up as it is, omit the option shrink";

    private final NewFile file;
    private final String node;
    private final Credentials credentials;
    private final long margin;
    private final Optional<Compression> compression;
    private final Undo files = new Undo();
    private final OpenFile unpacked;
    private OpenFile result;

    /**
     * Creates the file that the card is read into.
     *
     * @param file the file of the backup, which is empty
     * @param credentials the owner of the backup
     * @param compression the compression of the backup; empty for none
     * @param node the path of the card's device node, for messages
     * @param margin the free space of the last filesystem, in bytes, as in {@link Shrink}
     */
    ShrunkBackup(NewFile file, Credentials credentials, Optional<Compression> compression, String node, long margin) throws IOException {
        this.file = file;
        this.credentials = credentials;
        this.compression = compression;
        this.node = node;
        this.margin = margin;
        this.unpacked = compression.isEmpty() ? file.file() : file.draft();
        this.result = unpacked;
        files.add("close the unpacked backup", unpacked::close);
    }

    /** The destination of the bytes that are read from the card. */
    CardSink sink() {
        return new ChargedSink(new SparseWriter(unpacked), credentials);
    }

    /** Refuses a card that {@link Shrink} would refuse, as far as this can be determined before the whole card is read. */
    void requireShrinkable(ByteSource disk, Progress progress) throws IOException {
        try {
            LastVolume last = LastVolume.of(disk);
            Shrink.require(last, disk, credentials, progress);
            // Only to refuse a table that cannot be changed; the plan is discarded.
            ResizePlan.toLength(disk, last.table(), last.partition(), last.partition().length() / 2);
        } catch (Failure failure) {
            throw failure.kind() == Failure.Kind.FAILED ? withCardName(failure) : refused(failure);
        }
    }

    /**
     * Refuses a filesystem in which the zeros in place of unreadable data are errors, because e2fsck -p would repair some of them by
     * removing damaged files.
     */
    void requireSound(UnreadableRanges unreadable, Progress progress) throws IOException {
        if (unreadable.isEmpty()) {
            return;
        }
        progress.step("check", 0);
        try (ImageFile image = new ImageFile(unpacked.reopen(), file.title())) {
            LastVolume last = LastVolume.of(image);
            // e2fsck -n checks the filesystem without the journal, which a later e2fsck replays, including zeros in it.
            if (last.filesystem().needsRecovery()) {
                throw new Failure(Failure.Kind.FAILED, node + ": " + last.title() + " has a journal that was not replayed, and may be"
                        + " hit by what cannot be read, so it is not shrunk" + WITHOUT_SHRINK_HINT + "; cannot read: " + unreadable.text());
            }
            if (last.isExt()) {
                RunningCommand.Ended ended =
                        E2fsprogs.check(unpacked, last.partition().start(), credentials, progress, "-f", "-n");
                if (ended.status() != 0) {
                    throw new Failure(Failure.Kind.FAILED, node + ": " + last.title() + " has errors with zeros in place of what cannot be"
                            + " read, so it is not shrunk" + WITHOUT_SHRINK_HINT + "; cannot read: " + unreadable.text());
                }
            }
        }
    }

    /** Shrinks and compresses the backup. Returns its uncompressed length, in bytes. */
    long complete(UnreadableRanges unreadable, Progress progress) throws IOException {
        try (ImageFile image = new ImageFile(unpacked.reopen(), file.title())) {
            LastVolume last = LastVolume.of(image);
            OfflineResize resize = new OfflineResize(new JobImage(image, credentials, 0), last, Directory::new);
            Shrink.shrink(resize, last, image, margin, progress);
        } catch (Failure failure) {
            throw unreadable.isEmpty() ? refused(failure)
                    : new Failure(failure.kind(), failure.getMessage() + "; parts of " + node + " cannot be read" + WITHOUT_SHRINK_HINT,
                            failure);
        }
        long length = result.length();
        if (compression.isPresent()) {
            Pack.pack(compression.get(), result, file.file(), credentials, progress);
        } else if (result != unpacked) {
            file.replaceDraft(result);
        }
        return length;
    }

    /** Adds the name of the card to a failure that concerns its contents. */
    private Failure refused(Failure failure) {
        return switch (failure.kind()) {
            case INVALID_IMAGE, UNSUPPORTED -> withCardName(failure);
            default -> failure;
        };
    }

    private Failure withCardName(Failure failure) {
        return new Failure(failure.kind(), node + ": " + failure.getMessage() + WITHOUT_SHRINK_HINT, failure);
    }

    /** The directory of the backup. Its result becomes the backup. */
    private final class Directory implements ResizeDirectory {

        @Override
        public OpenFile scratch() throws IOException {
            return file.scratch();
        }

        @Override
        public OpenFile create() throws IOException {
            OpenFile image = file.draft();
            files.add("close the shrunk backup", image::close);
            return image;
        }

        @Override
        public void take(OpenFile image, Map<String, Object> outcome, Progress progress) {
            result = image;
        }

        @Override
        public void close() {
            // The files are closed together with the backup.
        }
    }

    /** Closes all files, including that of the backup. */
    @Override
    public void close() {
        files.close();
    }
}
