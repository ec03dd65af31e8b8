package org.example.piimages.daemon.image;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.example.piimages.contract.Failure;
import org.example.piimages.daemon.linux.Tree;
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
         * @param notes what of its fstab is passed over, and why; none for an image that is mounted
         */
        T at(Tree root, List<String> notes) throws IOException;
    }

    /**
     * Looks into an image.
     *
     * @throws Failure as the contract's MountImage; BUSY also for one that only a machine has mounted
     */
    public <T> T of(ImageFile file, Look<T> look) throws IOException {
        return images.locks().holding(file.identity(), () -> {
            Optional<ImageRecord> mounted = images.find(file.identity());
            if (mounted.isPresent()) {
                try (Fd root = Tree.open(mounted.get().mountPoint())) {
                    return look.at(new Tree(root), List.of());
                }
            }
            images.machineViews().claim(file, true);
            try (Attachment attachment = Attachment.of(file, true, true, Set.of())) {
                return look.at(attachment.root().tree(), attachment.notes());
            }
        });
    }
}
