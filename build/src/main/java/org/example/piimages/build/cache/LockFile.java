package org.example.piimages.build.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A lock that builds take, by a file: of all processes, either one holds it alone, or several share it. It ends with its holder.
 */
public final class LockFile implements AutoCloseable {

    private static final long PAUSE_MILLIS = 100;

    private final FileChannel channel;

    private LockFile(FileChannel channel) {
        this.channel = channel;
    }

    /** Takes it, and returns null where somebody else holds it. */
    public static LockFile tryToTake(Path file, boolean isShared) throws IOException {
        FileChannel channel = FileChannel.open(file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
        FileLock lock = null;
        try {
            lock = channel.tryLock(0, Long.MAX_VALUE, isShared);
        } catch (OverlappingFileLockException e) {
            // This process holds it.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        return lock == null ? null : new LockFile(channel);
    }

    /**
     * Takes it as soon as nobody else holds it.
     *
     * @param waiting is told once, where somebody does
     */
    public static LockFile take(Path file, boolean isShared, Runnable waiting) throws IOException {
        LockFile taken = tryToTake(file, isShared);
        if (taken == null) {
            waiting.run();
        }
        while (taken == null) {
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            taken = tryToTake(file, isShared);
        }
        return taken;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
