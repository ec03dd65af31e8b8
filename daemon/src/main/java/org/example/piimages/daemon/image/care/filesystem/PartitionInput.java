package org.example.piimages.daemon.image.care.filesystem;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.linux.block.LentDevice;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;

/**
 * A partition as the input of a tool: for a file, the file and an offset, and the tool runs as its owner; for a card, which no user may
 * open, a loop device that is lent to the tool.
 */
public final class PartitionInput implements Closeable {

    private final OpenFile file;
    private final long offset;
    private final Credentials credentials;
    private final Undo devices;
    private final Optional<ImageFile> card;

    private PartitionInput(OpenFile file, long offset, Credentials credentials, Undo devices, Optional<ImageFile> card) {
        this.file = file;
        this.offset = offset;
        this.credentials = credentials;
        this.devices = devices;
        this.card = card;
    }

    /** Creates the input for a partition of an image file. The caller closes the file. */
    static PartitionInput ofFile(OpenFile file, Partition partition, Credentials credentials) {
        return new PartitionInput(file, partition.start(), credentials, new Undo(), Optional.empty());
    }

    /**
     * Creates the input for a partition of an image.
     *
     * @param credentials the user of the image
     * @param readOnly whether the tool only reads; if false, the image must be held for writing
     */
    static PartitionInput of(ImageFile image, Partition partition, Credentials credentials, boolean readOnly) throws IOException {
        if (image.card().isEmpty()) {
            return ofFile(image.file(), partition, credentials);
        }
        image.requirePresent();
        LoopDevice loop = LoopDevice.attach(image.file(), partition.start(), partition.length(), readOnly, image.label());
        return lent(loop, readOnly, Optional.of(image));
    }

    /**
     * Creates the read-only input for a partition of a card that is open with direct I/O.
     *
     * @param label the label of the loop device, which losetup(8) shows
     */
    public static PartitionInput ofCard(RawDevice card, Partition partition, String label) throws IOException {
        return lent(card.attach(partition.start(), partition.length(), label), true, Optional.empty());
    }

    private static PartitionInput lent(LoopDevice loop, boolean readOnly, Optional<ImageFile> image) throws IOException {
        try (Undo undo = new Undo()) {
            undo.add("close " + loop.path(), loop::close);
            LentDevice lent = LentDevice.of(loop, readOnly);
            undo.commit();
            Undo devices = new Undo();
            devices.add("close " + loop.path(), loop::close);
            image.ifPresent(card -> devices.add("cut off " + loop.path(), () -> card.detachIfRemoved(loop)));
            devices.add("take back " + loop.path(), lent::close);
            return new PartitionInput(lent.file(), 0, lent.credentials(), devices, image);
        }
    }

    /** The standard input of the tool. */
    public OpenFile file() {
        return file;
    }

    /** The offset of the partition in {@link #file}, in bytes. */
    long offset() {
        return offset;
    }

    /** Whether {@link #file} contains only the partition. */
    boolean isPartitionOnly() {
        return card.isPresent();
    }

    /** Throws Failure NOT_FOUND if the partition is on a card that was removed, so that the tool does not continue on the next card. */
    void requirePresent() {
        card.ifPresent(ImageFile::requirePresent);
    }

    /** The credentials that the tool runs with. */
    public Credentials credentials() {
        return credentials;
    }

    @Override
    public void close() {
        devices.close();
    }
}
