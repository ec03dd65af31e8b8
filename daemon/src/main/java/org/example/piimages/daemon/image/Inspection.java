package org.example.piimages.daemon.image;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.attachment.AttachedVolume;
import org.example.piimages.daemon.image.attachment.Attachment;
import org.example.piimages.daemon.image.file.ImageFile;
import org.example.piimages.daemon.image.mount.ImageRecord;
import org.example.piimages.daemon.image.mount.Owner;
import org.example.piimages.daemon.image.system.ImageDescription;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.mount.DirectoryTree;
import org.example.piimages.libc.Fd;

/** Reads the contents of an image: from its mount point or, if not mounted, from a temporary read-only mount that has no path. */
public final class Inspection {

    private final Images images;

    public Inspection(Images images) {
        this.images = images;
    }

    /** A function that reads from an image. */
    @FunctionalInterface
    public interface Reader<T> {
        /**
         * Reads from the image.
         *
         * @param root the image's files
         * @param description the description of the image; empty if it is mounted
         */
        T read(DirectoryTree root, Optional<ImageDescription> description) throws IOException;
    }

    /**
     * Describes an image and how it would be mounted.
     *
     * @param selection the partitions that the caller selected
     * @throws Failure as the contract's MountImage; BUSY if the image is mounted or used by a machine
     */
    public ImageDescription describe(ImageFile file, PartitionSelection selection) throws IOException {
        return images.locks().withLock(file.identity(), () -> {
            images.machineMounts().claim(file, true);
            try {
                return Attachment.describe(file, selection);
            } catch (Failure failure) {
                throw file.about(failure);
            }
        });
    }

    /**
     * Calls a function with the contents of an image.
     *
     * @param owner the user who reads the image
     * @param selection the partitions that the caller selected
     * @throws Failure as the contract's MountImage; BUSY also if only a machine has the image mounted
     */
    public <T> T read(ImageFile file, Owner owner, PartitionSelection selection, Reader<T> look) throws IOException {
        return images.locks().withLock(file.identity(), () -> {
            Optional<ImageRecord> mounted = images.find(file.identity());
            if (mounted.isPresent()) {
                AttachedVolume.requireSelected(mounted.get().volumes(), selection, file.title());
                // Whoever can read a plain file knows its contents anyway; those of an encrypted image or a card only its owner may read.
                boolean isOpenToAll = !mounted.get().isEncrypted() && file.card().isEmpty();
                if (!owner.isRoot() && mounted.get().owner().uid() != owner.uid() && !isOpenToAll) {
                    throw new Failure(Failure.Kind.BUSY, file.title() + " is mounted by another user");
                }
                try (Fd root = DirectoryTree.open(mounted.get().mountPoint())) {
                    return look.read(new DirectoryTree(root), Optional.empty());
                }
            }
            images.machineMounts().claim(file, true);
            try (Attachment attachment = Attachment.of(file, true, selection, Set.of())) {
                return look.read(attachment.root().tree(), Optional.of(attachment.description()));
            }
        });
    }
}
