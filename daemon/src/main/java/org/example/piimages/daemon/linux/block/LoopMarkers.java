package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.example.piimages.daemon.linux.file.RunDirectory;

/**
 * Marks the daemon's loop devices for udev by a file of the device's name in /run/piimages/loops.
 *
 * <p>The rule in 90-piimages.rules checks for it, and keeps desktop automounters and systemd off the device. The marker is created before
 * the device is configured, so that the uevent cannot come first. A leftover marker only hides a device of that number from automounters;
 * {@link #sweep} removes it.
 *
 * <p>A marker is needed while this process holds the device, and after that while the device is attached. Its last mount may disappear some
 * time after it was unmounted, which the kernel does not announce: such a device is checked again at growing intervals. After a daemon was
 * killed, another program may have taken the device: the file contains the number of the attachment, which is unique while the host runs.
 *
 * <p>Devices are checked in sysfs without opening them, and nothing slow is done under the lock of this class: a thread that is blocked by
 * one device does not block the others.
 */
public final class LoopMarkers {

    /** An operation that attaches a free device. */
    @FunctionalInterface
    interface Attachment {
        void run() throws IOException;
    }

    private static final Path DIRECTORY = RunDirectory.ROOT.resolve("loops");
    private static final Path DEVICES = Path.of("/sys/block");
    private static final Duration MIN_PAUSE = Duration.ofMillis(50);
    private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
    /**
     * The devices that this process holds or is about to, with the number of holders: of two threads that take the same free device, one
     * fails.
     */
    private static final Map<String, Integer> HELD = new HashMap<>();
    /** The devices that are still attached although this process has released them, and when to check each again. */
    private static final Map<String, NextCheck> RELEASED = new HashMap<>();
    /** Whether the thread that checks them is running; it ends when there are none. */
    private static boolean watched;

    /** The time of the next check of a device (System.nanoTime), and the pause before it. */
    private record NextCheck(long due, Duration pause) {

        static NextCheck after(Duration pause) {
            return new NextCheck(System.nanoTime() + pause.toNanos(), pause);
        }

        NextCheck later() {
            return after(pause.multipliedBy(2).compareTo(MAX_PAUSE) < 0 ? pause.multipliedBy(2) : MAX_PAUSE);
        }

        long remainingMillis() {
            return Math.max(0, Duration.ofNanos(due - System.nanoTime()).toMillis());
        }
    }

    private LoopMarkers() {
    }

    /** Marks a free device and attaches it; the marker remains unless that fails. */
    static void attach(String device, Attachment attachment) throws IOException {
        synchronized (LoopMarkers.class) {
            HELD.merge(device, 1, Integer::sum);
        }
        boolean attached = false;
        boolean complete = false;
        try {
            Files.createDirectories(DIRECTORY);
            Files.write(DIRECTORY.resolve(device), new byte[0]);
            attachment.run();
            attached = true;
            RunDirectory.writeText(DIRECTORY.resolve(device), sequence(device));
            complete = true;
        } finally {
            if (!attached) {
                attachmentFailed(device);
            } else if (!complete) {
                released(device);
            }
        }
    }

    /**
     * Removes the marker of a device that could not be attached. If it is attached by now, another program did that, and automounters
     * should see it.
     */
    private static synchronized void attachmentFailed(String device) {
        if (HELD.getOrDefault(device, 0) <= 1) {
            try {
                RunDirectory.remove(DIRECTORY.resolve(device));
            } catch (IOException e) {
                // It is checked again later.
            }
        }
        released(device);
    }

    /** Whether a device belongs to the daemon, or did until a moment ago. */
    static boolean isMarked(String device) {
        return Files.exists(DIRECTORY.resolve(device));
    }

    /** Records that this process has released a device. Its marker is removed once it is no longer attached. */
    static synchronized void released(String device) {
        HELD.computeIfPresent(device, (name, count) -> count == 1 ? null : count - 1);
        check(device);
    }

    /**
     * Removes the marker of a device node that was mounted, unless it is in use by the daemon again; if the device is not free yet, the
     * marker is removed later.
     */
    public static synchronized void sweep(String node) {
        check(Path.of(node).getFileName().toString());
    }

    /** Removes the markers of devices that no longer belong to the daemon. */
    public static synchronized void sweep() throws IOException {
        if (Files.notExists(DIRECTORY)) {
            return;
        }
        try (var markers = Files.newDirectoryStream(DIRECTORY)) {
            for (Path marker : markers) {
                check(marker.getFileName().toString());
            }
        }
    }

    private static void check(String device) {
        check(device, NextCheck.after(MIN_PAUSE));
    }

    /** Removes the marker, or schedules another check. */
    private static synchronized void check(String device, NextCheck next) {
        boolean again = false;
        if (!HELD.containsKey(device)) {
            try {
                again = isAttached(device);
                if (!again) {
                    RunDirectory.remove(DIRECTORY.resolve(device));
                }
            } catch (IOException e) {
                // The state is unknown, or the marker still exists.
                again = true;
            }
        }
        if (!again) {
            RELEASED.remove(device);
            return;
        }
        RELEASED.put(device, next);
        if (!watched) {
            watched = true;
            Thread thread = new Thread(LoopMarkers::watch, "loop-markers");
            thread.setDaemon(true);
            thread.start();
        }
        LoopMarkers.class.notifyAll();
    }

    /** Checks each released device when it is due, until there are none. */
    private static synchronized void watch() {
        try {
            while (!RELEASED.isEmpty()) {
                long pause = RELEASED.values().stream().mapToLong(NextCheck::remainingMillis).min().orElse(0);
                if (pause > 0) {
                    LoopMarkers.class.wait(pause);
                }
                for (Map.Entry<String, NextCheck> entry : List.copyOf(RELEASED.entrySet())) {
                    if (entry.getValue().remainingMillis() == 0) {
                        check(entry.getKey(), entry.getValue().later());
                    }
                }
            }
        } catch (InterruptedException e) {
            // Nothing interrupts this thread.
            Thread.currentThread().interrupt();
        } finally {
            watched = false;
        }
    }

    /** Whether a device is still attached as it was when the marker was written. */
    private static boolean isAttached(String device) throws IOException {
        try {
            // Without a marker (NoSuchFileException) there is nothing to remove.
            String ours = Files.readString(DIRECTORY.resolve(device));
            // An empty marker was left by a daemon that was killed before it could mount anything from the device, which was then freed.
            return !Files.readString(DEVICES.resolve(device).resolve("loop/backing_file")).isEmpty() && ours.equals(sequence(device));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** The number of the attachment of a device; diskseq in sysfs. Empty before Linux 5.15, and if the device does not exist. */
    private static String sequence(String device) throws IOException {
        try {
            return Files.readString(DEVICES.resolve(device).resolve("diskseq")).strip();
        } catch (NoSuchFileException e) {
            return "";
        }
    }
}
