package org.example.piimages.daemon.linux.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.example.piimages.daemon.linux.file.RunDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the kernel passes requests on to a card reader. A record names the reader that is offline, so that none stays offline when the
 * daemon is killed.
 *
 * @param number the number of the disk, {@code MAJOR:MINOR}
 */
public record CardReaderState(String number) {

    private static final Logger LOG = LoggerFactory.getLogger(CardReaderState.class);
    private static final Path OFFLINE = RunDirectory.ROOT.resolve("offline");
    private static final String RUNNING = "running";
    private static final Map<String, Object> LOCKS = new ConcurrentHashMap<>();

    /**
     * Runs an operation while the reader fails all requests; "state" of SCSI devices (store_state_field in drivers/scsi/scsi_sysfs.c, which
     * only accepts a whole line), as which USB sticks and card readers appear. For other readers, the operation runs without that.
     */
    public void whileOffline(Offline work) throws IOException {
        // Only one at a time: otherwise the first operation to end would set the reader running during the second.
        synchronized (LOCKS.computeIfAbsent(number, reader -> new Object())) {
            offlineFor(work);
        }
    }

    private void offlineFor(Offline work) throws IOException {
        Path state = BlockDevice.directory(number).resolve("device/state");
        boolean isOffline = isRunning(state) && setOffline(state);
        try {
            work.run();
        } finally {
            if (isOffline) {
                setRunning(state);
                RunDirectory.remove(OFFLINE.resolve(number));
            }
        }
    }

    /** Sets a reader running again. It may have disappeared as well, or be about to. */
    private static void setRunning(Path state) {
        try {
            Files.writeString(state, RUNNING + "\n", StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            LOG.debug("{} is gone", state);
        } catch (IOException e) {
            LOG.warn("cannot set a reader running again: {}", e.getMessage());
        }
    }

    private static boolean isRunning(Path state) {
        try {
            return Files.readString(state).strip().equals(RUNNING);
        } catch (IOException e) {
            return false;
        }
    }

    /** Sets the reader offline. Returns false if that is not possible: the operation should be done all the same. */
    private boolean setOffline(Path state) throws IOException {
        record();
        try {
            Files.writeString(state, "offline\n");
            return true;
        } catch (IOException e) {
            RunDirectory.remove(OFFLINE.resolve(number));
            return false;
        }
    }

    /**
     * Writes the record for {@link #sweep}. A failure is only logged: a reader that may stay offline is better than one card's data on
     * another.
     */
    private void record() {
        try {
            RunDirectory.createPrivate(OFFLINE);
            RunDirectory.writeText(OFFLINE.resolve(number), number);
        } catch (IOException e) {
            LOG.warn("cannot record that {} is offline for a moment: {}", number, e.getMessage());
        }
    }

    /** Sets the readers running again that a killed daemon had taken offline. */
    public static void sweep() throws IOException {
        for (Path record : RunDirectory.entries(OFFLINE)) {
            Path state = BlockDevice.directory(record.getFileName().toString()).resolve("device/state");
            setRunning(state);
            RunDirectory.remove(record);
        }
    }

    /** An operation that runs while the reader is offline. */
    @FunctionalInterface
    public interface Offline {
        void run() throws IOException;
    }
}
