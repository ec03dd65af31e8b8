package org.example.piimages.build.step;

import org.example.piimages.build.failure.BuildException;

/** Runs the steps of a recipe one after the other, or only determines what they would do. */
public interface StepRunner {

    /**
     * Runs a step and returns its exit status.
     *
     * @throws BuildException if the build cannot continue
     */
    int perform(Step step) throws BuildException;

    /** Returns the number of steps that were executed, or would be. */
    int done();

    /** Returns the number of steps that were skipped because they are in the cache. */
    int cached();
}
