package org.example.piimages.build.image;

import java.nio.file.Path;
import java.util.List;
import org.example.piimages.build.failure.BuildException;

/**
 * The operations of a build on images: commands of piimagesctl, on one connection to the service. Images are specified by absolute paths.
 */
public interface Images {

    /**
     * Runs a command in an image.
     *
     * @param image the file of the image
     * @param command the program and its arguments
     * @param environment variables to add, as NAME=VALUE
     * @param directory the working directory in the image
     * @param input a file for its standard input; null for empty input
     * @param output a file for its standard output, which exists; null for this process's own
     * @param errors a file for its standard error, which may be the same; null for this process's own
     */
    record Execution(Path image, List<String> command, List<String> environment, String directory, Path input, Path output,
            Path errors) {
    }

    /**
     * Runs a command of piimagesctl.
     *
     * @param words the name of the command, followed by its arguments
     * @throws BuildException if the command fails
     */
    void command(List<String> words) throws BuildException;

    /**
     * Unpacks a download, and verifies it with the checksum files beside it.
     *
     * @param sha256 the expected SHA-256 to use instead; null to use the checksum files
     * @param verify whether the checksum is verified at all
     * @return whether it was compared with a checksum
     */
    boolean unpack(Path source, Path target, String sha256, boolean verify) throws BuildException;

    /**
     * Verifies a download like {@link #unpack}, but does not keep the unpacked image.
     *
     * @param sha256 the expected SHA-256; null to use the checksum files beside the download
     * @return whether it was compared with a checksum
     */
    boolean verify(Path source, Path target, String sha256) throws BuildException;

    /**
     * Mounts the image until {@link #unmount} is called, and returns the mount point. If {@code rootPartition} is 0, the service finds the
     * root partition.
     */
    Path mount(Path image, int rootPartition) throws BuildException;

    /** Unmounts the image that {@link #mount} has mounted, if any. When it returns, all changes are in the file. */
    void unmount() throws BuildException;

    /**
     * Unmounts an image that a killed build has left mounted; waits while its machine is being terminated. Does nothing if it is not
     * mounted.
     */
    void unmountStale(Path image) throws BuildException;

    /**
     * Runs a command and returns its exit status.
     *
     * @throws BuildException if the command cannot be started
     */
    int execute(Execution execution) throws BuildException;

    /**
     * Runs a login shell on the terminal of this process, and returns when it has exited, with any status.
     *
     * @param where the image, environment and directory; without a command and files
     * @throws BuildException if the shell cannot be started
     */
    void shell(Execution where) throws BuildException;
}
