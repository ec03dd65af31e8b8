package org.example.piimages.build.cache;

import java.nio.file.Path;
import org.example.piimages.build.failure.BuildException;

/** Content that can be copied to a new file. */
@FunctionalInterface
public interface Content {
    /** Copies the content to this file, which does not exist yet. */
    void copyTo(Path target) throws BuildException;
}
