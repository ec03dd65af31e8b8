package org.example.piimages.daemon.image;

import java.io.Closeable;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How the machine that came first mounted an image, for the next one to share its loop devices. To be used with the image's lock held.
 *
 * <p>A view is out of date once its loop devices were let go of. Whoever finds the file free of loop devices forgets it: a device that is
 * attached later, by a job for example, may have the same number, and no machine is to run in what a job works on.
 */
final class MachineViews {

    private final Map<String, MachineView> views = new ConcurrentHashMap<>();

    /** Remembers how an image was mounted. */
    void put(MachineView view) {
        views.put(view.image(), view);
    }

    /** How machines had an image mounted when they were last asked about; whether it is still so is for the caller to see. */
    Optional<MachineView> ofRunning(String image) {
        return Optional.ofNullable(views.get(image));
    }

    /** How machines have an image mounted; empty when none has, or not any more. */
    Optional<MachineView> attached(String image) throws IOException {
        MachineView view = views.get(image);
        Optional<Closeable> held = view == null ? Optional.empty() : view.hold();
        if (held.isEmpty()) {
            views.remove(image);
            return Optional.empty();
        }
        held.get().close();
        return Optional.of(view);
    }

    /**
     * Takes a file for a mount or a job of ours, with what was known of machines that used it forgotten.
     *
     * @param readOnly whether others may read it at the same time
     * @throws org.example.piimages.contract.Failure BUSY as {@link ImageFile#claim}
     */
    void claim(ImageFile file, boolean readOnly) throws IOException {
        file.claim(readOnly);
        views.remove(file.identity());
    }
}
