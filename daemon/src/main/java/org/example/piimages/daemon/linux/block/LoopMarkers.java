package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.linux.file.RunFolder;

/**
 * Tells udev which loop devices are ours: a file of the device's name in /run/piimages/loops.
 *
 * <p>The rule in 90-piimages.rules looks for it and keeps desktop automounters and systemd off the device. It is there before the device is
 * configured, so that the uevent cannot come first. A marker left over hides a device of that number from automounters and does no other
 * harm; {@link #sweep} takes it away.
 *
 * <p>A marker is needed while this process holds the device, and then for as long as it stays attached. Its last mount may go some time
 * after it was unmounted, and the kernel tells nobody: such a device is looked at again, ever less often. When a daemon was killed,
 * somebody else may have taken a device of that number: the file has the number of the attachment, which no other has while the host runs.
 *
 * <p>Devices are looked at in sysfs and not opened, and nothing slow is done under the lock of this class: who is stuck with one device is
 * in nobody's way.
 */
public final class LoopMarkers {

    /** What makes a free device one of ours. */
    @FunctionalInterface
    interface Attachment {
        void run() throws IOException;
    }

    private static final Path FOLDER = RunFolder.ROOT.resolve("loops");
    private static final Path DEVICES = Path.of("/sys/block");
    private static final Duration FIRST_LOOK = Duration.ofMillis(50);
    private static final Duration SELDOM = Duration.ofSeconds(5);
    /** The devices that this process holds or is about to, each as often as it does: of two that take the same free one, one fails. */
    private static final Map<String, Integer> HELD = new HashMap<>();
    /** Those that are attached although this process has let go, and when each is looked at again. */
    private static final Map<String, NextLook> LEFT = new HashMap<>();
    /** Whether there is the one thread that looks at them, for as long as there are any. */
    private static boolean watched;

    /** When a device is looked at again (System.nanoTime), and how long after the look before. */
    private record NextLook(long due, Duration pause) {

        static NextLook after(Duration pause) {
            return new NextLook(System.nanoTime() + pause.toNanos(), pause);
        }

        NextLook seldomer() {
            return after(pause.multipliedBy(2).compareTo(SELDOM) < 0 ? pause.multipliedBy(2) : SELDOM);
        }

        long remainingMillis() {
            return Math.max(0, Duration.ofNanos(due - System.nanoTime()).toMillis());
        }
    }

    private LoopMarkers() {
    }

    /** Marks a free device while it is attached; the marker stays unless that fails. */
    static void around(String device, Attachment attachment) throws IOException {
        synchronized (LoopMarkers.class) {
            HELD.merge(device, 1, Integer::sum);
        }
        boolean attached = false;
        boolean complete = false;
        try {
            Files.createDirectories(FOLDER);
            Files.write(FOLDER.resolve(device), new byte[0]);
            attachment.run();
            attached = true;
            RunFolder.writeText(FOLDER.resolve(device), sequence(device));
            complete = true;
        } finally {
            if (!attached) {
                disowned(device);
            } else if (!complete) {
                released(device);
            }
        }
    }

    /** It could not be attached. Should it be by now, it is another program's, and automounters are to see it. */
    private static synchronized void disowned(String device) {
        if (HELD.getOrDefault(device, 0) <= 1) {
            try {
                RunFolder.remove(FOLDER.resolve(device));
            } catch (IOException e) {
                // It is looked at again.
            }
        }
        released(device);
    }

    /** Whether a device is, or was a moment ago, ours. */
    static boolean isMarked(String device) {
        return Files.exists(FOLDER.resolve(device));
    }

    /** This process has let go of a device. Once it is not attached any more, it is nobody's of ours. */
    static synchronized void released(String device) {
        HELD.computeIfPresent(device, (name, count) -> count == 1 ? null : count - 1);
        look(device);
    }

    /** Removes the marker of a device node that was mounted, unless it is ours again; soon, when the device is not free yet. */
    public static synchronized void sweep(String node) {
        look(Path.of(node).getFileName().toString());
    }

    /** Removes the markers of devices that are not ours any more. */
    public static synchronized void sweep() throws IOException {
        if (Files.notExists(FOLDER)) {
            return;
        }
        try (var markers = Files.newDirectoryStream(FOLDER)) {
            for (Path marker : markers) {
                look(marker.getFileName().toString());
            }
        }
    }

    private static void look(String device) {
        look(device, NextLook.after(FIRST_LOOK));
    }

    /** Removes the marker, or sees to it that it is looked at again. */
    private static synchronized void look(String device, NextLook next) {
        boolean again = false;
        if (!HELD.containsKey(device)) {
            try {
                again = isAttached(device);
                if (!again) {
                    RunFolder.remove(FOLDER.resolve(device));
                }
            } catch (IOException e) {
                // It is not known, or the marker is still there.
                again = true;
            }
        }
        if (!again) {
            LEFT.remove(device);
            return;
        }
        LEFT.put(device, next);
        if (!watched) {
            watched = true;
            Thread thread = new Thread(LoopMarkers::watch, "loop-markers");
            thread.setDaemon(true);
            thread.start();
        }
        LoopMarkers.class.notifyAll();
    }

    /** Looks at each device that is left when its time has come, until none is. */
    private static synchronized void watch() {
        try {
            while (!LEFT.isEmpty()) {
                long pause = LEFT.values().stream().mapToLong(NextLook::remainingMillis).min().orElse(0);
                if (pause > 0) {
                    LoopMarkers.class.wait(pause);
                }
                for (Map.Entry<String, NextLook> left : List.copyOf(LEFT.entrySet())) {
                    if (left.getValue().remainingMillis() == 0) {
                        look(left.getKey(), left.getValue().seldomer());
                    }
                }
            }
        } catch (InterruptedException e) {
            // Nobody does that.
            Thread.currentThread().interrupt();
        } finally {
            watched = false;
        }
    }

    /** Whether a device is attached as it was when the marker was made. */
    private static boolean isAttached(String device) throws IOException {
        try {
            // Without a marker there is nothing to remove.
            String ours = Files.readString(FOLDER.resolve(device));
            // An empty one is of a daemon that was killed before it could mount anything from the device, which then freed itself.
            return !Files.readString(DEVICES.resolve(device).resolve("loop/backing_file")).isEmpty() && ours.equals(sequence(device));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** The number of a device's attachment; sysfs, diskseq. Empty before Linux 5.15, and when there is no such device. */
    private static String sequence(String device) throws IOException {
        try {
            return Files.readString(DEVICES.resolve(device).resolve("diskseq")).strip();
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
