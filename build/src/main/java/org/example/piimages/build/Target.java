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
import org.example.piimages.build.image.Images;

/**
 * The image that a build creates. Until the build succeeds, the draft is in a temporary directory beside it. A build that is killed leaves
 * this directory behind, and the next build of the same image removes it. A lock file in the directory shows whether a build of any user is
 * active.
 */
final class Target implements AutoCloseable {

    private static final String LOCK = ".lock";
    private static final int TRIES = 10;

    private final Path file;
    private final Path directory;
    private final LockFile lock;
    private final Set<Path> unfinished;
    private final Thread hook = new Thread(this::interrupted, "remove-draft");
    /** Whether the directory existed before. */
    private boolean isLeftBehind;

    private Target(Path file, Set<Path> unfinished) throws BuildException, IOException {
        this.file = file;
        this.unfinished = unfinished;
        this.directory = file.resolveSibling("." + file.getFileName() + ".building");
        this.lock = lock();
    }

    /** Verifies that an image can be created at this path. */
    static void verify(Path file) throws BuildException {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw BuildException.request("TO " + file + ": not a regular file; to write the image to a card, use WRITE DEVICE");
        }
        if (!Files.isDirectory(file.getParent())) {
            throw BuildException.notFound("cannot create the image " + file.getFileName() + ": there is no directory " + file.getParent());
        }
    }

    /**
     * Locks the target for this build.
     *
     * @param images unmounts the draft of a build that was killed
     * @param unfinished the temporary files elsewhere, which are removed together with the draft
     */
    static Target of(Path file, Cache cache, Images images, Set<Path> unfinished) throws BuildException, IOException {
        verify(file);
        Target target = new Target(file, unfinished);
        boolean isReady = false;
        try {
            target.prepare(cache, images);
            isReady = true;
            return target;
        } finally {
            if (!isReady) {
                target.lock.close();
            }
        }
    }

    /**
     * Creates and locks the lock file. Another build may remove the directory at the same time; a lock on a removed file is released and
     * tried again.
     */
    private LockFile lock() throws BuildException, IOException {
        for (int i = 0; i < TRIES; i++) {
            try {
                makeDirectory();
                Object key = lockKey();
                LockFile acquired = LockFile.tryAcquire(directory.resolve(LOCK), false);
                if (acquired == null) {
                    break;
                }
                if (key != null && key.equals(lockKey())) {
                    return acquired;
                }
                acquired.close();
            } catch (NoSuchFileException | FileAlreadyExistsException e) {
                // Another build has ended or begun at the same time.
            }
        }
        throw BuildException.busy("another build is creating " + file + "; wait for it to end, or specify another image with TO");
    }

    private void makeDirectory() throws IOException {
        isLeftBehind = Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
        if (!isLeftBehind) {
            Files.deleteIfExists(directory);
            Files.createDirectory(directory);
        }
        if (!Files.exists(directory.resolve(LOCK), LinkOption.NOFOLLOW_LINKS)) {
            Files.createFile(directory.resolve(LOCK));
        }
    }

    /** Returns the identity (device and inode) of the lock file; null if it does not exist. */
    private Object lockKey() throws IOException {
        Path name = directory.resolve(LOCK);
        return Files.exists(name, LinkOption.NOFOLLOW_LINKS)
                ? Files.readAttributes(name, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).fileKey() : null;
    }

    private void prepare(Cache cache, Images images) throws BuildException, IOException {
        if (!Files.getOwner(directory, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(cache.locks()))) {
            throw BuildException
                    .request("the directory " + directory + " belongs to another user; remove it, or specify another image with TO");
        }
        // The draft may still be mounted although the file no longer exists. A link or a directory was not left by a build.
        if (isLeftBehind && !Files.isSymbolicLink(draft()) && !Files.isDirectory(draft())) {
            images.unmountStale(draft());
        }
        Runtime.getRuntime().addShutdownHook(hook);
        empty();
    }

    Path file() {
        return file;
    }

    /** Returns the file of the draft. It has the name of the image, from which the names of mounts and machines are derived. */
    Path draft() {
        return directory.resolve(file.getFileName());
    }

    /** Moves the draft to its final name; the permissions of an existing image are preserved. */
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
        // Operations that are interrupted together with this process, such as a copy, may have created a file in the meantime.
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

    /** Removes everything except the lock file, which stays while the lock is held. */
    private void empty() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path part : files) {
                if (!part.endsWith(LOCK)) {
                    FileTree.delete(part);
                }
            }
        } catch (NoSuchFileException e) {
            // The directory no longer exists.
        }
    }

    private void remove() {
        try {
            for (Path part : unfinished) {
                Files.deleteIfExists(part);
            }
            empty();
            FileTree.delete(directory);
        } catch (IOException e) {
            // Not fatal: the next build of the same image removes it, and old temporary files of the cache are pruned.
        }
    }

    @Override
    public void close() throws IOException {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The hook is already running.
        }
        lock.close();
    }
}
