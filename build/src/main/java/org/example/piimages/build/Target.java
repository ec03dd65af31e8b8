package org.example.piimages.build;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.example.piimages.build.cache.Cache;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.cache.LockFile;
import org.example.piimages.build.failure.BuildException;

/**
 * The image that a build makes. Until all went well there is only a folder beside it, with a name that tells what it is; a build that was
 * killed leaves that, and the next one of the same image removes it. A lock in the folder tells whether a build is at it, whoever's.
 */
final class Target implements AutoCloseable {

    private static final String LOCK = ".lock";
    private static final int TRIES = 10;

    private final Path file;
    private final Path folder;
    private final LockFile lock;
    private final Set<Path> unfinished;
    private final Thread hook = new Thread(this::interrupted, "remove-draft");

    private Target(Path file, Set<Path> unfinished) throws BuildException, IOException {
        this.file = file;
        this.unfinished = unfinished;
        this.folder = file.resolveSibling("." + file.getFileName() + ".building");
        this.lock = lock();
    }

    /** Throws where an image cannot be made there. */
    static void verify(Path file) throws BuildException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw BuildException.request("TO " + file + ": not a regular file; to write the image to a card, use WRITE DEVICE");
        }
        if (!Files.isDirectory(file.getParent())) {
            throw BuildException.notFound("cannot create the image " + file.getFileName() + ": there is no directory " + file.getParent());
        }
    }

    /**
     * Takes it for this build alone.
     *
     * @param unfinished files elsewhere that are being made, which go with the draft; whoever makes one names it here meanwhile
     */
    static Target of(Path file, Cache cache, Set<Path> unfinished) throws BuildException, IOException {
        verify(file);
        Target target = new Target(file, unfinished);
        boolean isReady = false;
        try {
            target.prepare(cache);
            isReady = true;
            return target;
        } finally {
            if (!isReady) {
                target.lock.close();
            }
        }
    }

    /** The folder goes with the build that held its lock; what is locked then is nobody's. */
    private LockFile lock() throws BuildException, IOException {
        for (int i = 0; i < TRIES; i++) {
            try {
                makeFolder();
                Object key = lockKey();
                LockFile taken = LockFile.tryToTake(folder.resolve(LOCK), false);
                if (taken == null) {
                    break;
                }
                if (key != null && key.equals(lockKey())) {
                    return taken;
                }
                taken.close();
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                // Another build has ended, or begun, in between.
            }
        }
        throw BuildException.busy("another build is creating " + file + "; wait for it to end, or specify another image with TO");
    }

    private void makeFolder() throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(folder);
            Files.createDirectory(folder);
        }
        if (!Files.exists(folder.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)) {
            Files.createFile(folder.resolve(LOCK));
        }
    }

    /** What tells the lock's file from every other; null where it is gone. */
    private Object lockKey() throws IOException {
        Path name = folder.resolve(LOCK);
        return Files.exists(name, LinkOption.NOFOLLOW_LINKS)
                ? Files.readAttributes(name, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey() : null;
    }

    private void prepare(Cache cache) throws BuildException, IOException {
        if (!Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(cache.locks()))) {
            throw BuildException
                    .request("the directory " + folder + " belongs to another user; remove it, or specify another image with TO");
        }
        Runtime.getRuntime().addShutdownHook(hook);
        empty();
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

    /** All but the lock, as long as it is held. */
    private void empty() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path part : files) {
                if (!part.endsWith(LOCK)) {
                    FileTree.delete(part);
                }
            }
        } catch (NoSuchFileException e) {
            // It is gone.
        }
    }

    private void remove() {
        try {
            for (Path part : unfinished) {
                Files.deleteIfExists(part);
            }
            empty();
            FileTree.delete(folder);
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
