package org.example.piimages.build.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/** A lock on a file, held either exclusively by one process or shared by several. It is released when its process exits. */
public final class LockFile implements AutoCloseable {

    private static final long PAUSE_MILLIS = 100;

    private final FileChannel channel;

    private LockFile(FileChannel channel) {
        this.channel = channel;
    }

    /** Acquires the lock; returns null if it is held by another process, or by another part of this one. */
    public static LockFile tryAcquire(Path file, boolean isShared) throws IOException {
        FileChannel channel = FileChannel.open(file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        FileLock lock = null;
        try {
            lock = channel.tryLock(0, Long.MAX_VALUE, isShared);
        } catch (OverlappingFileLockException e) {
            // This process already holds the lock.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? null : new LockFile(channel);
    }

    /**
     * Acquires the lock, and waits while it is held elsewhere.
     *
     * @param waiting called once if it is necessary to wait
     */
    public static LockFile acquire(Path file, boolean isShared, Runnable waiting) throws IOException {
        LockFile acquired = tryAcquire(file, isShared);
        if (acquired == null) {
            waiting.run();
        }
        while (acquired == null) {
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            acquired = tryAcquire(file, isShared);
        }
        return acquired;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
