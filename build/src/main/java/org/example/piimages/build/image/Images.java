package org.example.piimages.build.image;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.failure.BuildException;

/** What a build does with images: what piimagesctl does, on one connection to the service. Images are files, by their absolute paths. */
public interface Images {

    /**
     * Runs a command in an image.
     *
     * @param image a file
     * @param command the program and its arguments
     * @param environment NAME=VALUE to add
     * @param directory the working directory in the image
     * @param input its standard input; null for an empty one
     * @param output a file for its standard output; null for this process's own
     */
    record Execution(Path image, List<String> command, List<String> environment, String directory, Path input, Path output) {
    }

    /** Carries out a command of piimagesctl, its name first. Throws where it does not succeed. */
    void command(List<String> words) throws BuildException;

    /**
     * Unpacks a download, which is compared with the checksums beside it.
     *
     * @param sha256 what to compare it with instead; null for those
     * @param verify whether to compare it with anything
     * @return whether it was compared with a checksum
     */
    boolean unpack(Path source, Path target, String sha256, boolean verify) throws BuildException;

    /**
     * Does all that {@link #unpack} does, and keeps nothing of it.
     *
     * @param sha256 what to compare it with; null for the checksums beside it
     * @return whether it was compared with a checksum
     */
    boolean verify(Path source, Path target, String sha256) throws BuildException;

    /** Mounts the image, until {@link #unmount}, and returns where. Partition 0 leaves it to the service to find the root. */
    Path mount(Path image, int rootPartition) throws BuildException;

    /** Unmounts what {@link #mount} has mounted; nothing where nothing is. When it returns, all is in the file. */
    void unmount() throws BuildException;

    /** Runs a command and returns its exit status, which is not 0 for one that fails. Throws where it cannot be run. */
    int execute(Execution execution) throws BuildException;

    /**
     * Runs a login shell on the terminal of this process, and returns when it has ended, however it ended. Throws where it cannot be run.
     *
     * @param where without a command and without files
     */
    void shell(Execution where) throws BuildException;
}
