package org.example.piimages.daemon.image;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.image.system.ImageDescription;
import org.example.piimages.daemon.image.system.PartitionSelection;
import org.example.piimages.daemon.linux.mount.Tree;
import org.example.piimages.libc.Fd;

/** A look into an image: where it is mounted, or else for the moment of the look, read-only, and where no path leads to it. */
public final class Inspection {

    private final Images images;

    public Inspection(Images images) {
        this.images = images;
    }

    /** What looks. */
    @FunctionalInterface
    public interface Look<T> {
        /**
         * Looks.
         *
         * @param root the image's files
         * @param description what the image is; empty for one that is mounted
         */
        T at(Tree root, Optional<ImageDescription> description) throws IOException;
    }

    /**
     * Says what an image is and what would be done with it.
     *
     * @param selection what the caller chooses of it
     * @throws Failure as the contract's MountImage; BUSY for one that is mounted or that a machine uses
     */
    public ImageDescription describe(ImageFile file, PartitionSelection selection) throws IOException {
        return images.locks().holding(file.identity(), () -> {
            images.machineViews().claim(file, true);
            try {
                return Attachment.describe(file, selection);
            } catch (Failure failure) {
                throw file.about(failure);
            }
        });
    }

    /**
     * Looks into an image.
     *
     * @param owner who looks
     * @param selection what the caller chooses of it
     * @throws Failure as the contract's MountImage; BUSY also for one that only a machine has mounted
     */
    public <T> T of(ImageFile file, Owner owner, PartitionSelection selection, Look<T> look) throws IOException {
        return images.locks().holding(file.identity(), () -> {
            Optional<ImageRecord> mounted = images.find(file.identity());
            if (mounted.isPresent()) {
                AttachedVolume.requireSelected(mounted.get().volumes(), selection, file.title());
                // Who can read the file knows the rest; of one that is encrypted, or a card, its owner alone.
                boolean isOpenToAll = !mounted.get().isEncrypted() && file.card().isEmpty();
                if (!owner.isRoot() && mounted.get().owner().uid() != owner.uid() && !isOpenToAll) {
                    throw new Failure(Failure.Kind.BUSY, file.title() + " is mounted by another user");
                }
                try (Fd root = Tree.open(mounted.get().mountPoint())) {
                    return look.at(new Tree(root), Optional.empty());
                }
            }
            images.machineViews().claim(file, true);
            try (Attachment attachment = Attachment.of(file, true, selection, Set.of())) {
                return look.at(attachment.root().tree(), Optional.of(attachment.description()));
            }
        });
    }
}
