package org.example.piimages.daemon.linux.file;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import org.example.piimages.libc.Errno;
import org.example.piimages.libc.ErrnoException;
import org.example.piimages.libc.Fd;
import org.example.piimages.libc.Libc;
import org.example.piimages.libc.OpenFlags;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record of a draft: a file that has a temporary name in a user's directory until it gets its final one. A daemon that is killed before
 * that cannot remove the draft; the next daemon does.
 *
 * @param directory the path of the directory as given; it is opened with the user's access rights
 * @param name the temporary name
 * @param identity the identity of the file: another file of that name is not touched; {@link #ANY_IDENTITY} for a file that is created by
 * its name, which no other file gets
 * @param credentials the user's
 */
record DraftRecord(String directory, String name, String identity, Credentials credentials) {

    private static final Logger LOG = LoggerFactory.getLogger(DraftRecord.class);
    private static final Path RECORDS = RunDirectory.ROOT.resolve("drafts");

    /** The time that a start of the daemon waits for filesystems that users serve. */
    private static final Duration SWEEP_TIMEOUT = Duration.ofSeconds(3);

    /** As in the records of daemons from before an upgrade, whose drafts are removed as well. */
    private static final String KEY_OF_DIRECTORY = "folder";
    /** Matches any file of the name. */
    static final String ANY_IDENTITY = "any";

    private Path file() {
        return RECORDS.resolve(name.substring(1));
    }

    /** Stores the record. Called before the file gets its temporary name. */
    void store() throws IOException {
        Properties record = new Properties();
        record.setProperty(KEY_OF_DIRECTORY, directory);
        record.setProperty("name", name);
        record.setProperty("identity", identity);
        record.setProperty("uid", String.valueOf(credentials.uid()));
        record.setProperty("groups", Arrays.stream(credentials.groups()).mapToObj(String::valueOf).collect(Collectors.joining(" ")));
        RunDirectory.writeRecord(file(), record);
    }

    /** Removes the record. Called when the file no longer has its temporary name. */
    void delete() throws IOException {
        RunDirectory.remove(file());
    }

    private static DraftRecord of(Properties record) {
        int[] groups = Arrays.stream(RunDirectory.require(record, "groups").split(" ")).mapToInt(Integer::parseInt).toArray();
        return new DraftRecord(RunDirectory.require(record, KEY_OF_DIRECTORY), RunDirectory.require(record, "name"),
                RunDirectory.require(record, "identity"), new Credentials(Integer.parseInt(RunDirectory.require(record, "uid")), groups));
    }

    /**
     * Removes the drafts that previous daemons left. A draft that cannot be removed is kept, and the journal says so. If a directory is on
     * a filesystem that does not respond, the start continues after {@link #SWEEP_TIMEOUT}.
     */
    static void sweep() throws IOException {
        RunDirectory.removeDrafts(RECORDS, "");
        List<Thread> sweepers = new ArrayList<>();
        for (Path file : RunDirectory.entries(RECORDS)) {
            Thread sweeper = new Thread(() -> sweep(file), "draft");
            sweeper.setDaemon(true);
            sweeper.start();
            sweepers.add(sweeper);
        }
        long deadline = System.nanoTime() + SWEEP_TIMEOUT.toNanos();
        try {
            for (Thread sweeper : sweepers) {
                // A timeout of zero would mean no timeout.
                sweeper.join(Math.max(1, Duration.ofNanos(deadline - System.nanoTime()).toMillis()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void sweep(Path file) {
        try {
            of(RunDirectory.readRecord(file).orElseThrow()).remove();
            RunDirectory.remove(file);
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot remove the draft recorded in {}: {}", file, e.getMessage());
            try {
                RunDirectory.setAside(file);
            } catch (IOException again) {
                LOG.error("cannot set {} aside: {}", file, again.getMessage());
            }
        }
    }

    private void remove() throws IOException {
        boolean removed = CallerThread.as(credentials, this::removeHere);
        if (removed) {
            Event.repaired("undone").with("IMAGE", directory + "/" + name)
                    .log("removed {}/{}, a draft that was to replace an image", directory, name);
        }
    }

    /** Removes the draft. Returns false if the directory or the file does not exist, or if another file has the name. */
    private boolean removeHere() throws ErrnoException {
        try (Fd directoryFd = Lookup.path(directory, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
                Fd draft = Lookup.entry(directoryFd, name, OpenFlags.O_PATH, 0)) {
            boolean same = identity.equals(ANY_IDENTITY) || FileStatus.of(draft).identity().equals(identity);
            if (same) {
                Libc.call("unlinkat", directoryFd.number(), name, 0);
            }
            return same;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }
}
