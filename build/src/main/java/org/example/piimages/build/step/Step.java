package org.example.piimages.build.step;

import java.io.IOException;
import java.nio.file.Path;
import org.example.piimages.build.cache.Fingerprint;
import org.example.piimages.build.failure.BuildException;
import org.example.piimages.build.failure.Location;

/**
 * Something that a recipe does to its image.
 *
 * @param location where the recipe says so
 * @param fingerprint what tells it from every other step
 * @param output the file that its output goes to; null where it goes to where the build's own goes
 * @param isRepeatable whether the same step has the same effect each time, as the cache takes it to have
 * @param action what it does
 */
public record Step(Location location, String fingerprint, Path output, boolean isRepeatable, Action action) {

    /** The key of the state that it leads to from another one. */
    String after(String key) {
        return new Fingerprint().add(key, fingerprint).text();
    }

    /** The same on copies of what it reads on the host. */
    Step held(Path folder) throws IOException {
        return new Step(location, fingerprint, output, isRepeatable, action.held(folder));
    }

    /** What a step does. */
    public interface Action {
        /** Does it and returns its exit status. Throws where the build cannot go on. */
        int perform(Draft draft) throws BuildException;

        /**
         * The same on copies, in this folder, of the host's files that it reads: until it is done, the recipe or somebody else may change
         * them, and its key says what is in them now.
         */
        default Action held(Path folder) throws IOException {
            return this;
        }
    }
}
