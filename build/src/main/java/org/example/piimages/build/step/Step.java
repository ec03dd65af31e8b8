package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Path;
import org.example.piimages.build.cache.CapturedOutput;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;

/**
 * A step of a recipe: an operation that changes the image.
 *
 * @param location the location in the recipe
 * @param fingerprint the identity of the step
 * @param output the files for its output
 * @param isRepeatable whether the step always has the same effect, so that it can be cached
 * @param action the operation
 */
public record Step(Location location, String fingerprint, CapturedOutput output, boolean isRepeatable, Action action) {

    /** Creates a step whose output is that of the build. */
    public Step(Location location, String fingerprint, boolean isRepeatable, Action action) {
        this(location, fingerprint, CapturedOutput.NONE, isRepeatable, action);
    }

    /** Returns the key of the state that this step leads to from the state of {@code key}. */
    String after(String key) {
        return new Fingerprint().add(key, fingerprint).text();
    }

    /** Returns a step like this one that reads copies of its files of the host; see {@link Action#withCopiedFiles}. */
    Step withCopiedFiles(Path directory) throws IOException {
        return new Step(location, fingerprint, output, isRepeatable, action.withCopiedFiles(directory));
    }

    /** The operation of a step. */
    public interface Action {
        /**
         * Executes the operation and returns its exit status.
         *
         * @throws BuildException if the build cannot continue
         */
        int perform(Draft draft) throws BuildException;

        /**
         * Returns an action like this one that reads copies of its files of the host, which are created in {@code directory}: the originals
         * may change before the action is executed, but the key of the step covers their current content.
         */
        default Action withCopiedFiles(Path directory) throws IOException {
            return this;
        }
    }
}
