package org.example.piimages.daemon.image.care.filesystem;

import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.LastVolume;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.table.PartitionTable;
import org.example.piimages.daemon.image.table.ResizePlan;

/**
 * The requested size of an image.
 *
 * @param size the size in bytes: of the file afterwards; or, if relative, the bytes to add to the last filesystem; 0 for a card, which is
 *     filled
 * @param relative whether the size is added to the current size
 */
public record Growth(long size, boolean relative) {

    /** The end of the last partition that an MBR, which counts sectors in 32 bits, can describe. */
    private static final long MBR_LIMIT = (1L << 32) * PartitionTable.SECTOR_SIZE - ResizePlan.ALIGNMENT;

    /**
     * Plans the change of the partition table and the file.
     *
     * @throws Failure INVALID_ARGUMENT for a missing or too small size; UNSUPPORTED like {@link ResizePlan#toFileSize}
     */
    ResizePlan plan(ImageFile file, LastVolume last) {
        if (file.card().isPresent()) {
            return planOfCard(file, last);
        }
        if (size == 0 && !relative) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "the size that it is to have is missing; only a card is grown without one");
        }
        long newSize = relative
                ? ResizePlan.toLength(file, last.table(), last.partition(), last.filesystem().size() + size).fileSize()
                : ResizePlan.alignedUp(size);
        if (!relative && newSize < file.size()) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "it already has " + file.size() + " bytes, which is more than " + size
                    + "; to reduce it, use shrink");
        }
        return ResizePlan.toFileSize(file, last.table(), last.partition(), Math.max(newSize, ResizePlan.alignedUp(file.size())));
    }

    private ResizePlan planOfCard(ImageFile file, LastVolume last) {
        if (relative || size != 0) {
            throw new Failure(Failure.Kind.INVALID_ARGUMENT, "a card is grown to its end; do not specify a size");
        }
        long maximum = last.table().kind() == PartitionTable.Kind.MBR ? MBR_LIMIT : Long.MAX_VALUE;
        return ResizePlan.toFileSize(file, last.table(), last.partition(), Math.min(file.size(), maximum));
    }
}
