package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.image.Images;
import org.example.piimages.build.image.RootFolder;

/** The image that a build works on, in a folder of its own beside what it will be. It is mounted when that is needed first. */
public final class Draft {

    private final Images images;
    private final Path file;
    private final int rootPartition;
    private Path mountPoint;
    private double secondsToMount;
    private double secondsMounting;

    /**
     * A draft that is not there yet.
     *
     * @param rootPartition as the recipe says; 0 where it says none
     */
    public Draft(Images images, Path file, int rootPartition) {
        this.images = images;
        this.file = file;
        this.rootPartition = rootPartition;
    }

    Path file() {
        return file;
    }

    /** Where it is, and what else is needed as long as it is there. */
    Path folder() {
        return file.getParent();
    }

    /** The root of the mounted image. */
    Path mounted() throws BuildException {
        if (mountPoint == null) {
            long start = System.nanoTime();
            mountPoint = images.mount(file, rootPartition);
            secondsToMount = secondsSince(start);
            secondsMounting += secondsToMount;
        }
        return mountPoint;
    }

    /** How long mounting it took the last time. */
    double secondsToMount() {
        return secondsToMount;
    }

    /** How long mounting it has taken so far. */
    double secondsMounting() {
        return secondsMounting;
    }

    /** Unmounts it; everything is in the file then. */
    public void release() throws BuildException {
        if (mountPoint != null) {
            mountPoint = null;
            images.unmount();
        }
    }

    /** Becomes what a source has, and returns how many seconds that took. */
    double become(Source source) throws BuildException {
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

    /** Copies it to a new file. */
    public void copyTo(Path target) throws BuildException {
        release();
        images.command(List.of("copy", file.toString(), target.toString()));
    }

    /** Carries out a command of piimagesctl on the file, which stands behind the command's name. */
    public int command(String name, List<String> rest) throws BuildException {
        release();
        return commandWhereItIs(name, rest);
    }

    /** The same, where the image may be mounted. */
    int commandWhereItIs(String name, List<String> rest) throws BuildException {
        List<String> words = new ArrayList<>(List.of(name, file.toString()));
        words.addAll(rest);
        images.command(words);
        return 0;
    }

    int execute(Images.Execution execution) throws BuildException {
        // Mounted once, and not for each command.
        mounted();
        return images.execute(execution);
    }

    /**
     * Lets the user look into the image, and try in it what a step does.
     *
     * @param directory where the shell starts; the root where the image has no such folder
     */
    public void shell(List<String> environment, String directory) throws BuildException {
        boolean isThere;
        try {
            isThere = Files.isDirectory(new RootFolder(mounted()).resolve(directory));
        } catch (IOException e) {
            isThere = false;
        }
        images.shell(new Images.Execution(file, List.of(), environment, isThere ? directory : "/", null, null));
    }

    static double secondsSince(long start) {
        return (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
    }
}
