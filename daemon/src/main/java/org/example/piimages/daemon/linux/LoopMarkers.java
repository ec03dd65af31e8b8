package org.example.piimages.daemon.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Tells udev which loop devices are ours: a file of the device's name in /run/piimages/loops.
 *
 * <p>The rule in 90-piimages.rules looks for it and keeps desktop automounters and systemd off the device. It is there before the device is
 * configured, so that the uevent cannot come first. A marker left over hides a device of that number from automounters and does no other
 * harm; {@link #sweep} takes it away.
 */
public final class LoopMarkers {

    /** What makes a free device one of ours. */
    @FunctionalInterface
    interface Attachment {
        void run() throws IOException;
    }

    private static final Path FOLDER = RunFolder.ROOT.resolve("loops");

    private LoopMarkers() {
    }

    /** Marks a free device while it is attached; the marker stays unless that fails. */
    static synchronized void around(String device, Attachment attachment) throws IOException {
        Path marker = FOLDER.resolve(device);
        Files.createDirectories(FOLDER);
        Files.write(marker, new byte[0]);
        boolean attached = false;
        try {
            attachment.run();
            attached = true;
        } finally {
            if (!attached) {
                Files.deleteIfExists(marker);
            }
        }
    }

    /** Removes the markers of devices that have no file behind them any more. */
    public static synchronized void sweep() throws IOException {
        if (Files.notExists(FOLDER)) {
            return;
        }
        try (var markers = Files.newDirectoryStream(FOLDER)) {
            for (Path marker : markers) {
                if (Files.notExists(Path.of("/sys/block", marker.getFileName().toString(), "loop/backing_file"))) {
                    Files.deleteIfExists(marker);
                }
            }
        }
    }
}
