package org.example.piimages.daemon.image.care.filesystem;

import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;
import org.example.piimages.daemon.image.ImageFile;
import org.example.piimages.daemon.image.disk.Partition;
import org.example.piimages.daemon.linux.block.LentDevice;
import org.example.piimages.daemon.linux.block.LoopDevice;
import org.example.piimages.daemon.linux.block.RawDevice;
import org.example.piimages.daemon.linux.file.Credentials;
import org.example.piimages.daemon.linux.file.OpenFile;
import org.example.piimages.daemon.linux.file.Undo;

/**
 * A partition for a tool to work on: within the image's file, as its owner; or, as no user may open a card, behind a device that is lent to
 * the tool.
 */
public final class PartitionInput implements Closeable {

    private final OpenFile file;
    private final long offset;
    private final Credentials who;
    private final Undo devices;
    private final Optional<ImageFile> card;

    private PartitionInput(OpenFile file, long offset, Credentials who, Undo devices, Optional<ImageFile> card) {
        this.file = file;
        this.offset = offset;
        this.who = who;
        this.devices = devices;
        this.card = card;
    }

    /** A partition of an image file. The file is the caller's to close. */
    static PartitionInput ofFile(OpenFile file, Partition partition, Credentials who) {
        return new PartitionInput(file, partition.start(), who, new Undo(), Optional.empty());
    }

    /**
     * A partition of an image.
     *
     * @param who the image's user
     * @param readOnly whether the tool only reads; otherwise the image is one that was claimed for writing
     */
    static PartitionInput of(ImageFile image, Partition partition, Credentials who, boolean readOnly) throws IOException {
        if (image.card().isEmpty()) {
            return ofFile(image.file(), partition, who);
        }
        image.requirePresent();
        LoopDevice loop = LoopDevice.attach(image.file(), partition.start(), partition.length(), readOnly, image.label());
        return lent(loop, readOnly, Optional.of(image));
    }

    /**
     * A partition of a card that is open past the kernel's cache, to be read.
     *
     * @param label what a loop device over it is to be called
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
            image.ifPresent(card -> devices.add("cut off " + loop.path(), () -> card.cutOffIfRemoved(loop)));
            devices.add("take back " + loop.path(), lent::close);
            return new PartitionInput(lent.file(), 0, lent.who(), devices, image);
        }
    }

    /** What the tool gets as its standard input. */
    public OpenFile file() {
        return file;
    }

    /** Where the partition begins in that, in bytes. */
    long offset() {
        return offset;
    }

    /** Whether there is nothing else in that. */
    boolean isAlone() {
        return card.isPresent();
    }

    /** Throws Failure NOT_FOUND when it was on a card that is not there any more, so that a tool goes no further, on the next one. */
    void requirePresent() {
        card.ifPresent(ImageFile::requirePresent);
    }

    /** Whom the tool runs as. */
    public Credentials who() {
        return who;
    }

    @Override
    public void close() {
        devices.close();
    }
}
