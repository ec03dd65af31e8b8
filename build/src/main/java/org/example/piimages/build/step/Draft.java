package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.example.piimages.build.cache.FileTree;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;
import org.example.piimages.build.image.RootDirectory;

/** The image that a build is working on, in a temporary directory beside the target. It is mounted when it is first required. */
public final class Draft {

    private static final int UNUSUAL_MODE = 0751;

    private final Images images;
    private final Path file;
    private final int rootPartition;
    private final Path scratch;
    private Path mountPoint;
    /** Null until it is known. */
    Boolean preservesFiles;
    private double secondsToMount;
    private double secondsMounting;

    /**
     * Creates a draft whose file does not exist yet.
     *
     * @param rootPartition the number of the root partition as specified in the recipe; 0 if not specified
     * @param scratch a directory for temporary files that has permissions and symbolic links; removed when the build ends
     */
    public Draft(Images images, Path file, int rootPartition, Path scratch) {
        this.images = images;
        this.file = file;
        this.rootPartition = rootPartition;
        this.scratch = scratch;
    }

    Path file() {
        return file;
    }

    /** Returns the temporary directory of the draft, which is removed with it. */
    Path directory() {
        return file.getParent();
    }

    /** Returns whether copies in {@link #directory} are what they were: FAT and exFAT have neither permissions nor symbolic links. */
    boolean preservesFiles() throws IOException {
        if (preservesFiles == null) {
            Path probe = Files.createTempDirectory(directory(), "probe");
            try {
                Path file = Files.createFile(probe.resolve("file"));
                RootDirectory.setMode(file, UNUSUAL_MODE);
                Files.createSymbolicLink(probe.resolve("link"), file);
                preservesFiles = RootDirectory.mode(file) == UNUSUAL_MODE;
            } catch (FileSystemException e) {
                preservesFiles = false;
            } finally {
                FileTree.delete(probe);
            }
        }
        return preservesFiles;
    }

    /** Creates a temporary directory in which files keep their permissions, beside the image if possible. */
    Path makeDirectory() throws IOException {
        return Files.createTempDirectory(preservesFiles() ? directory() : scratch, "files");
    }

    /** Returns the root directory of the image; mounts the image if it is not mounted. */
    Path mounted() throws BuildException {
        if (mountPoint == null) {
            long start = System.nanoTime();
            mountPoint = images.mount(file, rootPartition);
            secondsToMount = secondsSince(start);
            secondsMounting += secondsToMount;
        }
        return mountPoint;
    }

    /** Returns how many seconds the last mount took. */
    double secondsToMount() {
        return secondsToMount;
    }

    /** Returns how many seconds all mounts have taken so far. */
    double secondsMounting() {
        return secondsMounting;
    }

    /** Unmounts the image; all changes are then in the file. */
    public void release() throws BuildException {
        if (mountPoint != null) {
            mountPoint = null;
            images.unmount();
        }
    }

    /** Replaces the draft with the image of a source, and returns how many seconds that took. */
    double replaceWith(ImageSource source) throws BuildException {
        release();
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw BuildException.failed("cannot remove " + file + ": " + e.getMessage());
        }
        long start = System.nanoTime();
        source.produce(images, file);
        return secondsSince(start);
    }

    /** Unmounts the image and copies it to a new file. */
    public void copyTo(Path target) throws BuildException {
        release();
        images.command(List.of("copy", file.toString(), target.toString()));
    }

    /** Unmounts the image and runs a command of piimagesctl with the file as its first argument. */
    public int command(String name, List<String> rest) throws BuildException {
        release();
        return commandWhileMounted(name, rest);
    }

    /** Runs a command of piimagesctl like {@link #command}, but does not unmount the image first. */
    int commandWhileMounted(String name, List<String> rest) throws BuildException {
        List<String> words = new ArrayList<>(List.of(name, file.toString()));
        words.addAll(rest);
        images.command(words);
        return 0;
    }

    /** Runs a command in the image and returns its exit status. */
    int execute(Images.Execution execution) throws BuildException {
        // The image is mounted once rather than for each command.
        mounted();
        return images.execute(execution);
    }

    /**
     * Starts a shell in the image, in which the user can examine the image and try commands.
     *
     * @param directory the initial working directory; the root directory is used if the image does not have it
     */
    public void shell(List<String> environment, String directory) throws BuildException {
        boolean exists;
        try {
            exists = Files.isDirectory(new RootDirectory(mounted()).resolve(directory));
        } catch (IOException e) {
            exists = false;
        }
        images.shell(new Images.Execution(file, List.of(), environment, exists ? directory : "/", null, null, null));
    }

    /** Returns the seconds since a value of {@link System#nanoTime}. */
    static double secondsSince(long start) {
        return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
