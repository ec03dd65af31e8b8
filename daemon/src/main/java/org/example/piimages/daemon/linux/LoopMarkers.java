package org.example.piimages.daemon.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Tells udev which loop devices are ours: a file of the device's name in /run/piimages/loops.
 *
 * <p>The rule in 90-piimages.rules looks for it and keeps desktop automounters and systemd off the device. It is there before the device is
 * configured, so that the uevent cannot come first. A marker left over hides a device of that number from automounters and does no other
 * harm; {@link #sweep} takes it away.
 *
 * <p>Whether a marker is needed is not for the device to tell: when a daemon was killed, the kernel frees its devices some time after it,
 * and by then somebody else may have taken one of that number. A device of ours is held by this process, or mounted.
 */
public final class LoopMarkers {

    /** What makes a free device one of ours. */
    @FunctionalInterface
    interface Attachment {
        void run() throws IOException;
    }

    private static final Path FOLDER = RunFolder.ROOT.resolve("loops");
    /** The devices that this process holds. */
    private static final Set<String> HELD = new HashSet<>();

    private LoopMarkers() {
    }

    /** Marks a free device while it is attached; the marker stays unless that fails. */
    static synchronized void around(String device, Attachment attachment) throws IOException {
        Files.createDirectories(FOLDER);
        HELD.add(device);
        boolean attached = false;
        try {
            Files.write(FOLDER.resolve(device), new byte[0]);
            attachment.run();
            attached = true;
        } finally {
            if (!attached) {
                released(device);
            }
        }
    }

    /** This process has let go of a device. Unless it is mounted, it is nobody's of ours any more. */
    static synchronized void released(String device) {
        HELD.remove(device);
        try (Undo marked = new Undo()) {
            marked.add("remove the marker of " + device, () -> removeUnlessNeeded(FOLDER.resolve(device)));
        }
    }

    /** Removes the marker of a device node that was mounted, unless it is ours again. */
    public static synchronized void sweep(String node) throws IOException {
        removeUnlessNeeded(FOLDER.resolve(Path.of(node).getFileName()));
    }

    /** Removes the markers of devices that are not ours any more. */
    public static synchronized void sweep() throws IOException {
        if (Files.notExists(FOLDER)) {
            return;
        }
        try (var markers = Files.newDirectoryStream(FOLDER)) {
            for (Path marker : markers) {
                removeUnlessNeeded(marker);
            }
        }
    }

    private static void removeUnlessNeeded(Path marker) throws IOException {
        String device = marker.getFileName().toString();
        if (!HELD.contains(device) && !LoopDevice.isMounted(device)) {
            RunFolder.remove(marker);
        }
    }
}
