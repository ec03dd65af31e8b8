package org.example.piimages.build;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The image that a build makes. Until all went well there is only a folder beside it, with a name that tells what it is; a build that was
 * killed leaves that, and the next one of the same image removes it.
 */
final class Target implements AutoCloseable {

    private final Path file;
    private final Path folder;
    private final FileChannel lock;
    private final Set<Path> unfinished;
    private final Thread hook = new Thread(this::interrupted, "remove-draft");

    private Target(Path file, Set<Path> unfinished, FileChannel lock) {
        this.file = file;
        this.unfinished = unfinished;
        this.folder = file.resolveSibling("." + file.getFileName() + ".building");
        this.lock = lock;
    }

    /**
     * Takes it for this build alone.
     *
     * @param unfinished files elsewhere that are being made, which go with the draft; whoever makes one names it here meanwhile
     */
    static Target of(Path file, Cache cache, Set<Path> unfinished) throws BuildException, IOException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw BuildException.request("TO " + file + " is no file; WRITE DEVICE writes the image to a card");
        }
        if (!Files.isDirectory(file.getParent())) {
            throw BuildException.notFound("there is no folder " + file.getParent() + " for the image " + file.getFileName());
        }
        FileChannel lock = FileChannel.open(cache.locks().resolve(new Fingerprint().add(file.toString()).text()), StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        Target target = new Target(file, unfinished, lock);
        boolean isReady = false;
        try {
            target.prepare();
            isReady = true;
            return target;
        } finally {
            if (!isReady) {
                lock.close();
            }
        }
    }

    private void prepare() throws BuildException, IOException {
        if (!isLocked()) {
            throw BuildException.busy("another build makes " + file + " right now; wait for it, or name another image by TO");
        }
        Cache.delete(folder);
        Files.createDirectory(folder);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private boolean isLocked() throws IOException {
        try {
            FileLock held = lock.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    Path file() {
        return file;
    }

    /** The file to work on: by the image's own name, which its mount and its machines then have. */
    Path draft() {
        return folder.resolve(file.getFileName());
    }

    /** The draft becomes the image. */
    void deliver() throws IOException {
        if (Files.exists(file)) {
            Files.setPosixFilePermissions(draft(), Files.getPosixFilePermissions(file));
        }
        try (FileChannel draft = FileChannel.open(draft(), StandardOpenOption.WRITE)) {
            draft.force(true);
        }
        Files.move(draft(), file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void interrupted() {
        remove();
        // What else ends with this process, a copy above all, may just have come to its end and put a file there.
        for (Thread other : Thread.getAllStackTraces().keySet()) {
            if (other.getName().equals("interrupted")) {
                join(other);
            }
        }
        remove();
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void remove() {
        try {
            Cache.delete(folder);
            for (Path part : unfinished) {
                Files.deleteIfExists(part);
            }
        } catch (IOException e) {
            // The next build of the same image does, and the cache in time.
        }
    }

    @Override
    public void close() throws IOException {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It runs.
        }
        lock.close();
    }
}
