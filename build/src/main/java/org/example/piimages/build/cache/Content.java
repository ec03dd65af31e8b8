package org.example.piimages.build.cache;

import java.nio.file.Path;
import org.example.piimages.build.failure.BuildException;

/** What can be copied to a new file. */
@FunctionalInterface
public interface Content {
    /** Copies it to this file, which is not there yet. */
    void copyTo(Path target) throws BuildException;
}
