package org.example.piimages.daemon.image.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.disk.ByteSource;
import org.example.piimages.daemon.image.disk.Printable;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.file.OpenFile;

/**
 * An image: a file opened with its owner's rights, or a card. A file is identified by its descriptor; its path is used only in messages. A
 * card is known only by what the kernel reports until its use is allowed; then it is opened for reading, and exclusively once it is
 * claimed.
 */
public final class ImageFile implements ByteSource, Closeable {

    private final String path;
    private final Optional<ImageCard> card;
    private OpenFile file;
    private volatile boolean useAllowed;

    /**
     * Takes over the open file.
     *
     * @param path the path given by the caller
     * @throws Failure INVALID_IMAGE if it is not a regular file, which is then closed
     */
    public ImageFile(OpenFile file, String path) {
        this.file = file;
        this.path = path;
        this.card = Optional.empty();
        if (!file.status().isRegularFile()) {
            file.close();
            throw new Failure(Failure.Kind.INVALID_IMAGE, title() + " is " + file.status().kind() + ", not an image file"
                    + (file.status().isBlockDevice() ? "; to back up a card to one: piimagesctl read" : ""));
        }
    }

    private ImageFile(ImageCard card) {
        this.path = card.device().node();
        this.card = Optional.of(card);
    }

    /**
     * A card as an image. It is not opened.
     *
     * @throws Failure INVALID_ARGUMENT for a device that is not a disk of its own, such as a loop device; UNSUPPORTED on a kernel that
     *     cannot tell one card from the next
     */
    static ImageFile of(CardDevice device) throws IOException {
        return new ImageFile(ImageCard.of(device));
    }

    /** Allows the card to be used, once the caller is authorized; until then nothing is done to it. */
    public void allowUse() {
        useAllowed = true;
    }

    /** Lets a loop device over it that is about to be closed write nothing to the next card, if it is a card that was removed. */
    public void detachIfRemoved(LoopDevice device) throws IOException {
        if (card.isPresent() && card.get().removalFailure().isPresent()) {
            ImageCard.whileOffline(identity(), () -> LoopDevice.detachBackingFile(device.path(), identity()));
        }
    }

    private void requireAllowed() {
        if (card.isPresent() && !useAllowed) {
            throw new Failure(Failure.Kind.NOT_AUTHORIZED, "nobody was asked whether " + title() + " may be used");
        }
    }

    /** The card; empty for a file. */
    public Optional<CardDevice> card() {
        return card.map(ImageCard::device);
    }

    /** The path given by the caller; for a card the kernel's device node. */
    public String path() {
        return path;
    }

    /** The path for a message. */
    public String title() {
        return Printable.path(path);
    }

    /**
     * The open file.
     *
     * @throws Failure for a card that cannot be opened; NOT_AUTHORIZED for one that may not be used yet
     */
    public synchronized OpenFile file() {
        if (file == null) {
            requireAllowed();
            try {
                file = card.orElseThrow().device().openShared();
            } catch (IOException e) {
                throw new Failure(Failure.Kind.FAILED, "cannot open " + title() + ": " + e.getMessage(), e);
            }
        }
        return file;
    }

    /** The name for its loop devices: the path, or the identity of a card, for which the kernel reports nothing else. */
    public String label() {
        return card.map(ImageCard::identity).orElse(path);
    }

    /** Throws {@link Failure} NOT_FOUND for a card that is not in its reader any more. */
    public void requirePresent() {
        if (card.isPresent()) {
            card.get().removalFailure().ifPresent(failure -> {
                throw failure;
            });
        }
    }

    /** Whether the image can be changed. */
    public boolean isWritable() {
        return card.map(ImageCard::isWritable).orElseGet(() -> file.isWritable());
    }

    /** The file's identity, the same by whatever path or link it was reached; that of a card is no other card's in the same reader. */
    public String identity() {
        return card.map(ImageCard::identity).orElseGet(() -> file.status().identity());
    }

    /**
     * Claims the file for a mount or a job, so that nobody else writes to it; fails if it is locked or has a loop device.
     *
     * @param readOnly whether others may read it at the same time
     * @throws Failure BUSY
     */
    public void claim(boolean readOnly) throws IOException {
        requireAllowed();
        Optional<String> device = LoopDevice.find(file());
        if (device.isPresent() && card.isPresent() && !LoopDevice.isBackedBy(device.get(), identity())) {
            throw new Failure(Failure.Kind.BUSY, title() + " is still in use by programs that use a card that was removed; to list them:"
                    + " fuser --verbose --mount " + device.get());
        }
        if (device.isPresent()) {
            throw new Failure(Failure.Kind.BUSY, title() + " is in use: " + device.get()
                    + " is attached to it; see losetup --list and piimagesctl machines");
        }
        if (card.isPresent()) {
            claimCard(card.get().claim(readOnly));
        } else {
            lock(readOnly);
        }
    }

    private synchronized void claimCard(OpenFile claimed) {
        file.close();
        file = claimed;
    }

    /** Opens a card a second time to change its partition table while the daemon uses it; a mounted one was opened only for reading. */
    public OpenFile openForChange() throws IOException {
        requireAllowed();
        return card.orElseThrow().openForChange();
    }

    /**
     * Locks it for as long as it is open, a loop device of it included.
     *
     * @throws Failure BUSY if another program holds a lock, or the file was replaced or removed after it was opened
     */
    public void lock(boolean readOnly) throws IOException {
        requireAllowed();
        if (!file().lock(card.isEmpty() && !readOnly)) {
            throw new Failure(Failure.Kind.BUSY, title() + " is locked by another program or by a job; see lslocks and"
                    + " piimagesctl jobs");
        }
        if (card.isEmpty() && file.isUnlinked()) {
            throw new Failure(Failure.Kind.BUSY, title() + " was replaced or removed in the meantime; try again");
        }
    }

    /** Returns the failure with the image's name in front, unless its message contains the name already. */
    public Failure about(Failure failure) {
        return failure.getMessage().contains(title()) ? failure
                : new Failure(failure.kind(), title() + ": " + failure.getMessage(), failure.getCause());
    }

    @Override
    public long size() {
        return card.map(ImageCard::size).orElseGet(() -> file.status().size());
    }

    @Override
    public void read(long offset, byte[] buffer) {
        requireAllowed();
        try {
            file().read(offset, buffer);
        } catch (EOFException e) {
            throw new Failure(Failure.Kind.INVALID_IMAGE, "the image was truncated while it was read: " + e.getMessage(), e);
        } catch (IOException e) {
            throw card.flatMap(ImageCard::removalFailure).orElseGet(() -> new Failure(Failure.Kind.FAILED, "cannot read the image: "
                    + e.getMessage(), e));
        }
    }

    @Override
    public synchronized void close() {
        if (file != null) {
            file.close();
        }
    }
}
